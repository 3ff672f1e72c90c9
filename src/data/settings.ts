/** What holds for the whole process: set once by the command line, read by every named set. */

/** How far a download is; `total` is unknown where the server does not say. */
export interface DownloadProgress {
  readonly file: string
  /** Bytes on disk, those of an earlier attempt included. */
  readonly received: number
  readonly total: number | undefined
}

export const settings: { dataDir: string | undefined; progress: ((progress: DownloadProgress) => void) | undefined } = {
  dataDir: undefined,
  progress: undefined,
}

/** The folder named sets look in first, before $TUTTI_DATA; undefined forgets it. The CLI's `--data-dir`. */
export function setDataDir(dir: string | undefined): void {
  settings.dataDir = dir
}

/** Who hears of downloads; undefined for nobody. The CLI draws its bar with it. */
export function setProgress(listener: ((progress: DownloadProgress) => void) | undefined): void {
  settings.progress = listener
}
