/** Folders of this user, and what lies in a folder. */
import { lstat, mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** What can be made or fetched again: $TUTTI_CACHE, else $XDG_CACHE_HOME/tutti, else ~/.cache/tutti. */
export function cacheFolder(): string {
  return process.env.TUTTI_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tutti')
}

/** Makes a folder and those it lies in, where they are not there. Node's own `recursive` never ends in /proc. @throws what `mkdir` does */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(resolve(path)) !== resolve(path) && !(await isFolder(dirname(path)))) {
      await makeFolder(dirname(path), mode)
      await makeFolder(path, mode)
    } else if (!(await isFolder(path))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  const about = await stat(path).catch(() => undefined)
  return about?.isDirectory() ?? false
}

/** Whether a folder is there, or can be made, for this user alone: who else could write there could say what is in it. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  try {
    await makeFolder(folder, 0o700)
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
