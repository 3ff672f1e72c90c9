/** Where the files of named sets are: the data folder, then the cache, then the network. */
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fail } from '../core/errors.ts'
import { settings } from './settings.ts'

/** A file of a public set: its place under a data folder, and where else it can be had. */
export interface PublicFile {
  /** Path under the data folder and under the cache: 'mnist/train-images-idx3-ubyte.gz'. */
  readonly path: string
  /** Addresses to download it from, tried in order. */
  readonly urls: readonly string[]
  /** `of: 'content'` is the sum after unpacking gzip, which does not depend on how a mirror compressed it. */
  readonly sum: { readonly algorithm: 'sha256' | 'md5'; readonly of: 'file' | 'content'; readonly hex: string }
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
 * @throws DATA_NOT_FOUND
 */
export async function locate(file: PublicFile, places: Places = {}): Promise<string> {
  const dir = places.dir ?? settings.dataDir ?? process.env.TUTTI_DATA
  const cache = places.cache ?? cacheDir()
  for (const folder of dir === undefined ? [cache] : [dir, cache]) {
    for (const path of new Set([join(folder, file.path), join(folder, file.path.replace(/\.gz$/, ''))])) if (await exists(path)) return path
  }
  throw fail('FILE_MISSING', join(dir ?? cache, file.path), 'a file of the data set')
}

/** $TUTTI_CACHE, else $XDG_CACHE_HOME/tutti, else ~/.cache/tutti. */
export function cacheDir(): string {
  return process.env.TUTTI_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tutti')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
