/** What holds for the whole process: set once by the command line, read by every named set. */

/** How far a download is; `total` is unknown where the server does not say. */
export interface DownloadProgress {
  readonly file: string
  /** Bytes on disk, those of an earlier attempt included. */
  readonly received: number
  readonly total: number | undefined
}

/** Gives the path at which this machine has what the driver's has at another; the path itself of what is on neither. */
export type Place = (path: string) => Promise<string>

export const settings: {
  dataDir: string | undefined
  progress: ((progress: DownloadProgress) => void) | undefined
  place: Place | undefined
} = {
  dataDir: undefined,
  progress: undefined,
  place: undefined,
}

/** The folder named sets look in first, before $TUTTI_DATA; undefined forgets it. The CLI's `--data-dir`. */
export function setDataDir(dir: string | undefined): void {
  settings.dataDir = dir
}

/**
 * Asked before any file or folder of data is opened; undefined for nobody, as on the driver's own machine. Workers on other
 * machines set it, and fetch what they lack.
 */
export function setPlace(place: Place | undefined): void {
  settings.place = place
}

/** Where a file or folder of data is on this machine; for who opens it without a reader of this room. */
export async function placed(path: string): Promise<string> {
  return settings.place === undefined ? path : await settings.place(path)
}

/** Who hears of downloads; undefined for nobody. The CLI draws its bar with it. */
export function setProgress(listener: ((progress: DownloadProgress) => void) | undefined): void {
  settings.progress = listener
}
