/** Files that people asked for. */
import { statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { writeAtomic } from '../core/bytes.ts'
import { failBecause, messageOf } from '../core/errors.ts'

/** Writes a file as `writeAtomic` does. @throws FILE_UNWRITABLE saying why, where it cannot be */
export async function writeOutput(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeAtomic(path, content)
  } catch (error) {
    throw failBecause(error, 'FILE_UNWRITABLE', path, reasonOf(error, path))
  }
}

/**
 * Looks whether a file could be written, for those who will only have something to write after long work. Leaves nothing.
 *
 * @throws FILE_UNWRITABLE
 */
export async function checkOutput(path: string): Promise<void> {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw coded('EISDIR')
    // It is replaced by a neighbour: what counts is its folder, or the nearest there is of those that would be made.
    for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
      const about = statSync(folder, { throwIfNoEntry: false })
      if (about && !about.isDirectory()) throw coded('ENOTDIR')
      if (about) return await tryIn(folder)
    }
  } catch (error) {
    throw failBecause(error, 'FILE_UNWRITABLE', path, reasonOf(error, path))
  }
}

/** What may be written where is known for certain only to who does it. */
async function tryIn(folder: string): Promise<void> {
  const path = join(folder, `.tutti.${process.pid}.partial`)
  await writeFile(path, '')
  await rm(path)
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOTDIR: 'there is a file where a folder should be',
  EEXIST: 'there is a file where a folder should be',
}

function reasonOf(error: unknown, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'it is a folder'
  return reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error)
}
