/** The files of artifacts: `artifacts/<run>/<name>` in the store's folder. A file that a row names is never written over. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join, posix, relative, sep } from 'node:path'
import { sha256, writeAtomic } from '../../core/bytes.ts'
import { fail, failBecause } from '../../core/errors.ts'
import type { ArtifactRecord } from '../store.ts'
import type { Connection } from './connection.ts'
import { explain } from './connection.ts'
import { optional, type RunKey } from './rows.ts'

export const folderOf = (id: string) => `artifacts/${id}`

/** @throws ARTIFACT_NAME: names are made into paths, on every system. */
export function checkName(name: string): void {
  const part = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/
  if (name.length > 200 || !name.split('/').every((piece) => part.test(piece) && !piece.endsWith('.'))) throw fail('ARTIFACT_NAME', name)
}

/** The name itself, unless other bytes are recorded there: then the name with a part of the new bytes' hash. */
export function pathFor({ sql }: Connection, { id }: RunKey, name: string, hash: string): string {
  const plain = `${folderOf(id)}/${name}`
  const there = sql('SELECT sha256 FROM artifacts WHERE path = ?').get(plain)
  if (there === undefined || there.sha256 === hash) return plain
  const extension = posix.extname(plain)
  return `${plain.slice(0, plain.length - extension.length)}-${hash.slice(0, 12)}${extension}`
}

export async function writeFileOf(location: string, path: string, bytes: Uint8Array): Promise<void> {
  await writeAtomic(join(location, path), bytes).catch((error) => {
    throw explain(error, location)
  })
}

export async function removeFileOf(location: string, path: string): Promise<void> {
  await rm(join(location, path), { recursive: true, force: true }).catch((error) => {
    throw explain(error, location)
  })
}

/** Its bytes, verified. @throws ARTIFACT_MISSING, ARTIFACT_CORRUPT */
export async function readVerified(location: string, run: string, { name, path, sha256: hash }: ArtifactRecord): Promise<Uint8Array> {
  const file = join(location, path)
  const bytes = await readFile(file).catch((error) => {
    throw error.code === 'ENOENT' ? failBecause(error, 'ARTIFACT_MISSING', run, name, file) : explain(error, location)
  })
  if (sha256(bytes) !== hash) throw fail('ARTIFACT_CORRUPT', run, name, file)
  return bytes
}

/** Removes what a killed writer left half done: files of the run that no row names. */
export async function sweep(connection: Connection, location: string, { serial, id }: RunKey): Promise<void> {
  const folder = join(location, folderOf(id))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const known = new Set(
    connection.read(() => connection.sql('SELECT path FROM artifacts WHERE run = ?').all(serial)).map(({ path }) => path),
  )
  for (const entry of entries) {
    const path = relative(location, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (entry.isFile() && !known.has(path)) await removeFileOf(location, path)
  }
}

export function artifactOf(row: Record<string, unknown>): ArtifactRecord {
  const { name, kind, path, bytes, sha256, step, time } = row
  return { name, kind, path, bytes, sha256, time, ...optional('step', step) } as ArtifactRecord
}
