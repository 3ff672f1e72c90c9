/** SHA-256 of files, remembered as long as a file looks the same: by its path, size, times and inode. */
import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { cacheFolder, isOwnFolder } from '../../core/folders.ts'
import type { Found } from './tree.ts'

export interface Sums {
  /** Undefined where the file is not what was found any more. */
  of(file: Found): Promise<string | undefined>
  /** Writes down what is new. */
  save(): Promise<void>
}

/** `folder` keeps the sums from one run to the next; where it cannot be used, they are kept in memory only. */
export function rememberedSums(clock: Clock, folder: string = join(cacheFolder(), 'sums')): Sums {
  const file = join(folder, 'sums.json')
  const running = new Map<string, Promise<string | undefined>>()
  let known: Promise<Map<string, Known>> | undefined
  let fresh = false
  let saving: Promise<unknown> = Promise.resolve()

  const make = async (found: Found): Promise<string | undefined> => {
    known ??= readKnown(folder, file)
    const all = await known
    const before = all.get(found.real)
    const { size, mtimeMs, ctimeMs, ino } = found
    // npm gives all files of packages one date: the time of change tells what was installed anew.
    if (before !== undefined && before[0] === size && before[1] === mtimeMs && before[2] === ctimeMs && before[3] === ino) return before[4]
    const sum = await sumOf(found)
    // A file that was changed just now may be changed again without looking different: times are only so fine.
    if (sum === undefined || clock.now() - Math.max(mtimeMs, ctimeMs) < settled) return sum
    all.delete(found.real)
    all.set(found.real, [size, mtimeMs, ctimeMs, ino, sum])
    fresh = true
    return sum
  }

  return {
    of(found) {
      const key = [found.real, found.size, found.mtimeMs, found.ctimeMs, found.ino].join('\0')
      const sum = running.get(key) ?? make(found).finally(() => running.delete(key))
      running.set(key, sum)
      return sum
    },
    async save() {
      if (!fresh || known === undefined) return
      fresh = false
      const all = [...(await known)].slice(-mostKnown)
      // Sums can be made again: a folder that cannot be written costs time only.
      saving = saving
        .then(async () => void ((await isOwnFolder(folder)) && (await writeAtomic(file, JSON.stringify(all)))))
        .catch(() => undefined)
      await saving
    },
  }
}

/** Adds a file's bytes to a hash; undefined where it is not what was found any more. */
export async function sumOf(found: Found, hash: Hash = createHash('sha256')): Promise<string | undefined> {
  const file = await openAsFound(found)
  if (file === undefined) return undefined
  await using opened = file
  let size = 0
  for await (const piece of pieces(opened, 0, found.size, 2 ** 20)) {
    hash.update(piece)
    size += piece.length
  }
  return size === found.size && looksAs(found, await opened.stat()) ? hash.digest('hex') : undefined
}

/** A file's bytes from one place to another, or as far as they go; the next ones are read while these are used. Each is valid until the next. */
export async function* pieces(file: FileHandle, from: number, to: number, size: number): AsyncGenerator<Buffer> {
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(size, to - from)))
  const read = async (at: number, turn: number) => {
    const buffer = buffers[turn % 2] as Buffer
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at), at)
    return buffer.subarray(0, bytesRead)
  }
  let next = from < to ? read(from, 0) : undefined
  try {
    for (let at = from, turn = 1; next !== undefined; turn++) {
      const piece: Buffer = await next
      at += piece.length
      next = piece.length > 0 && at < to ? read(at, turn) : undefined
      if (piece.length > 0) yield piece
    }
  } finally {
    await next?.catch(() => undefined)
  }
}

/** Opens a file that still looks as it was found, and no link or pipe in its place. */
export async function openAsFound(found: Found) {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(found.real, flags).catch(() => undefined)
  if (file === undefined) return undefined
  const about = await file.stat()
  if (about.isFile() && looksAs(found, about)) return file
  await file.close()
  return undefined
}

function looksAs(found: Found, about: { size: number; mtimeMs: number; ino: number }): boolean {
  return about.size === found.size && about.mtimeMs === found.mtimeMs && about.ino === found.ino
}

type Known = [size: number, mtimeMs: number, ctimeMs: number, ino: number, sha256: string]

/** What is damaged is ignored. */
async function readKnown(folder: string, file: string): Promise<Map<string, Known>> {
  try {
    if (!(await isOwnFolder(folder))) return new Map()
    const read: unknown = JSON.parse(await readFile(file, 'utf8'))
    return new Map((Array.isArray(read) ? read : []).filter(isKnown))
  } catch {
    return new Map()
  }
}

function isKnown(item: unknown): item is [string, Known] {
  if (!Array.isArray(item) || typeof item[0] !== 'string' || !Array.isArray(item[1])) return false
  const [size, mtimeMs, ctimeMs, ino, sum] = item[1]
  return [size, mtimeMs, ctimeMs, ino].every(Number.isFinite) && typeof sum === 'string' && /^[0-9a-f]{64}$/.test(sum)
}

const settled = 2000
const mostKnown = 200_000
