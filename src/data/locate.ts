/** Where the files of named sets are: the data folder, then the cache, then the network. */
import { join } from 'node:path'
import { fail } from '../core/errors.ts'
import { cacheFolder } from '../core/folders.ts'
import { download, exists, type Sum } from './download.ts'
import { placed, settings } from './settings.ts'

/** A file of a public set: its place under a data folder, and where else it can be had. */
export interface PublicFile {
  /** Path under the data folder and under the cache: 'mnist/train-images-idx3-ubyte.gz'. */
  readonly path: string
  /** Addresses to download it from, tried in order. */
  readonly urls: readonly string[]
  readonly sum: Sum
}

/** Where a named set looks for its files; the defaults are those of the process (`setDataDir`, environment). */
export interface Places {
  /** Folder laid out by set: mnist/, adult/, ... Default: `setDataDir(...)`, else $TUTTI_DATA. */
  readonly dir?: string
  /** Folder that downloads are kept in. Default: $TUTTI_CACHE, $XDG_CACHE_HOME/tutti or ~/.cache/tutti. */
  readonly cache?: string
  /** Address that replaces the public mirrors: `<mirror>/<path of the file>`. Default: $TUTTI_MIRROR. */
  readonly mirror?: string
}

export const placeOptions = ['dir', 'cache', 'mirror'] as const

/**
 * The path of a set's file, downloaded to the cache where it is in neither folder. A '.gz' file may lie there unpacked.
 *
 * @throws FILE_MISSING when the data folder is not there; DOWNLOAD_FAILED
 */
export async function locate(file: PublicFile, places: Places = {}): Promise<string> {
  const found = await find(file.path, places)
  if (found !== undefined) return found
  const target = join(places.cache ?? cacheFolder(), file.path)
  const mirror = places.mirror ?? process.env.TUTTI_MIRROR
  const urls = mirror === undefined ? file.urls : [`${mirror.replace(/\/$/, '')}/${file.path}`]
  await download(urls, target, { sum: file.sum, label: file.path, progress: settings.progress })
  return target
}

/** The path of a file that is in the data folder or the cache already. */
export async function find(path: string, places: Places = {}): Promise<string | undefined> {
  const dir = places.dir ?? settings.dataDir ?? process.env.TUTTI_DATA
  // The driver's folder need not be on this machine: its files are asked for one by one.
  if (dir !== undefined && settings.place === undefined && !(await exists(dir)))
    throw fail('FILE_MISSING', dir, 'the folder of data sets (--data-dir or TUTTI_DATA)')
  for (const name of dir === undefined ? [] : names(path)) {
    const here = await placed(join(dir as string, name))
    if (await exists(here)) return here
  }
  const cached = await placed(join(places.cache ?? cacheFolder(), path))
  return (await exists(cached)) ? cached : undefined
}

function names(path: string): string[] {
  return path.endsWith('.gz') ? [path, path.slice(0, -'.gz'.length)] : [path]
}
