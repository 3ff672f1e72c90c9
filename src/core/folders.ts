/** Folders of this user, and what lies in a folder. */
import { lstat, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, relative, sep } from 'node:path'

/** What can be made or fetched again: $TUTTI_CACHE, else $XDG_CACHE_HOME/tutti, else ~/.cache/tutti. */
export function cacheFolder(): string {
  return process.env.TUTTI_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tutti')
}

/** Whether a folder is there, or can be made, for this user alone: who else could write there could say what is in it. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const about = await lstat(folder)
    const mine = process.getuid === undefined || about.uid === process.getuid()
    return about.isDirectory() && mine && (process.platform === 'win32' || (about.mode & 0o022) === 0)
  } catch {
    return false
  }
}

/** The way from a folder to a path in it, '' for the folder itself; undefined for a path that is not in it. */
export function wayInto(folder: string, path: string): string | undefined {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way
}
