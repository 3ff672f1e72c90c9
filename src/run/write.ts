/** Files that people asked for. */
import { statSync } from 'node:fs'
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
