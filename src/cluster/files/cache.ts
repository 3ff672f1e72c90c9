/**
 * The node's cache: what its workers fetched, shared by all of them and kept for the next study.
 *
 * ```text
 * blobs/<sha256>      the content of a file, once, whatever the names it has
 * <sha256>/name/...   a tree: a file or folder as the driver has it; its files are hard links to blobs
 * locks/<sha256>      who fetches a blob now
 * uses/<tree>.<who>   who may be reading a tree
 * partial/<sha256>.<who>   what is being written
 * ```
 *
 * Nothing stands under `blobs` before it is whole, checked and on the disk. A blob's time of change is a mark made from its
 * hash: who writes to it later loses the mark, and then it is read and checked again before it is used.
 */
import { createHash } from 'node:crypto'
import { copyFile, link, lstat, mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { fail, failBecause, messageOf, TuttiError } from '../../core/errors.ts'
import { isOwnFolder, makeFolder } from '../../core/folders.ts'
import { holderOf, type Lock, lockAt } from './lock.ts'
import { isGone, ownerName } from './owner.ts'
import { sumOf } from './sums.ts'

/** A file of a tree. */
export interface Piece {
  readonly sha256: string
  readonly size: number
}

export interface Cache {
  readonly folder: string
  /** Makes the folders. @throws FILES_CACHE */
  prepare(): Promise<void>
  /** Says that this worker uses a tree, until it lets go: nobody removes it then. */
  use(tree: string, signal: AbortSignal): Promise<void>
  /** Whether that file of a tree, or that blob, is there with the right content. */
  isSound(path: string, piece: Piece): Promise<boolean>
  blob(piece: Piece): string
  lock(name: string): Lock
  /** Puts a blob where a tree has it, in a folder that is there. False where blob or folder were removed in the meantime. */
  put(piece: Piece, target: string): Promise<boolean>
  /** Opens a file to be written; `keep` makes it the blob, disposing throws it away. */
  begin(piece: Piece): Promise<Writing>
  /** Lets go of all trees. */
  leave(): Promise<void>
}

export interface Writing extends AsyncDisposable {
  add(bytes: Uint8Array): Promise<void>
  /** False where the content is not what its name says; nothing is kept then. */
  keep(): Promise<boolean>
}

export function openCache(folder: string, clock: Clock): Cache {
  const owner = ownerName()
  const used = new Set<string>()
  const blob = ({ sha256 }: Piece) => join(folder, 'blobs', sha256)
  const touch = async (path: string) => await utimes(path, clock.now() / 1000, clock.now() / 1000).catch(() => undefined)
  // For caches that several machines share: there a process of another one is taken for dead after an hour without a sign.
  const alive = clock.every(signOfUse, () => {
    for (const mark of used) void touch(mark)
  })
  let serial = 0

  return {
    folder,
    blob,
    async prepare() {
      // In a folder for temporary files everybody may make one of that name.
      if (!(await isOwnFolder(folder))) throw fail('FILES_CACHE', folder, 'it is not, or not only, of the user who runs the workers')
      try {
        for (const name of ['blobs', 'locks', 'uses', 'partial']) await makeFolder(join(folder, name), 0o700)
      } catch (error) {
        throw failBecause(error, 'FILES_CACHE', folder, messageOf(error))
      }
    },

    async use(tree, signal) {
      const mark = join(folder, 'uses', `${tree}.${owner}`)
      // Not while somebody makes up his mind to remove it.
      const lock = lockAt(join(folder, 'locks', `tree-${tree}`), `${owner}`, clock)
      for (;;) {
        await using held = await lock.take()
        if (held !== undefined) {
          await (await open(mark, 'w', 0o600)).close()
          used.add(mark)
          await mkdir(join(folder, tree), { mode: 0o700 }).catch(existed)
          await touch(join(folder, tree))
          return
        }
        await clock.sleep(glance, signal)
      }
    },

    async isSound(path, piece) {
      const about = await lstat(path).catch(() => undefined)
      if (!about?.isFile() || about.size !== piece.size) return false
      if (about.mtimeMs === markOf(piece) * 1000) return true
      const { size, mtimeMs, ctimeMs, ino } = about
      const sum = await sumOf({ name: path, real: path, size, mtimeMs, ctimeMs, ino }).catch(() => undefined)
      if (sum !== piece.sha256) return false
      await utimes(path, markOf(piece), markOf(piece)).catch(() => undefined)
      return true
    },

    lock: (name) => lockAt(join(folder, 'locks', name), owner, clock),

    async put(piece, target) {
      const code = await link(blob(piece), target).then(
        () => undefined,
        (error) => error.code,
      )
      if (code === undefined) return true
      if (code === 'ENOENT') return false
      const near = join(folder, 'partial', `${piece.sha256}.${owner}.${serial++}`)
      try {
        if (code === 'EEXIST') await link(blob(piece), near)
        else await copy(blob(piece), near, markOf(piece))
        await replace(near, target)
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
        throw error
      } finally {
        // Where both were the same file already, nothing was renamed.
        await rm(near, { force: true })
      }
    },

    async begin(piece) {
      const path = join(folder, 'partial', `${piece.sha256}.${owner}.${serial++}`)
      // Read-only for all others from the beginning: whoever writes into data that others share shall be told.
      const file = await open(path, 'wx', 0o400)
      const hash = createHash('sha256')
      let size = 0
      let closed = false
      let kept = false
      return {
        async add(bytes) {
          hash.update(bytes)
          size += bytes.byteLength
          for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten
        },
        async keep() {
          if (size !== piece.size || hash.digest('hex') !== piece.sha256) return false
          await file.sync()
          await file.utimes(markOf(piece), markOf(piece))
          closed = true
          await file.close()
          await replace(path, blob(piece))
          kept = true
          return true
        },
        async [Symbol.asyncDispose]() {
          if (!closed) await file.close()
          if (!kept) await rm(path, { force: true })
        },
      }
    },

    async leave() {
      alive.stop()
      await Promise.all([...used].map((mark) => rm(mark, { force: true }).catch(() => undefined)))
      used.clear()
    },
  }
}

/** Removes what nobody uses, the least recently used first, until no more than `most` bytes are kept, and what dead workers left. @returns bytes kept; 0 where another is at it */
export async function tidy(cache: Cache, most: number, clock: Clock): Promise<number> {
  const { folder } = cache
  const kept = async () => await bytesUnder(folder)
  const held = await cache.lock('tidy').take()
  // Somebody is at it.
  if (held === undefined) return 0
  await using _ = held
  for (const name of await readdir(join(folder, 'partial'))) {
    const path = join(folder, 'partial', name)
    if (await isOver(name.split('.')[1] ?? '', path, clock)) await rm(path, { recursive: true, force: true })
  }
  for (const name of await readdir(join(folder, 'locks'))) {
    const path = join(folder, 'locks', name)
    if (isGone((await holderOf(path)) ?? '') === true) await rm(path, { force: true })
  }
  let now = await kept()
  for (const tree of now.bytes > most ? await treesByUse(folder) : []) {
    if (now.bytes <= most) break
    if (!(await removeTree(cache, tree, clock))) continue
    await removeLooseBlobs(cache)
    now = await kept()
  }
  if (now.bytes > most) {
    await removeLooseBlobs(cache)
    now = await kept()
  }
  return now.bytes
}

async function treesByUse(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name))
  const trees = await Promise.all(
    names.map(async (name) => ({ name, at: (await lstat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  return trees.sort((a, b) => a.at - b.at).map(({ name }) => name)
}

async function removeTree(cache: Cache, tree: string, clock: Clock): Promise<boolean> {
  const { folder } = cache
  const away = join(folder, 'partial', `${tree}.${ownerName()}`)
  {
    await using held = await cache.lock(`tree-${tree}`).take()
    if (held === undefined) return false
    for (const name of await readdir(join(folder, 'uses'))) {
      if (!name.startsWith(`${tree}.`)) continue
      const path = join(folder, 'uses', name)
      if (!(await isOver(name.slice(tree.length + 1), path, clock))) return false
      await rm(path, { force: true })
    }
    await rename(join(folder, tree), away)
  }
  await rm(away, { recursive: true, force: true })
  return true
}

/** Blobs that no tree has, unless somebody is about to put them into one. */
async function removeLooseBlobs(cache: Cache): Promise<void> {
  const blobs = join(cache.folder, 'blobs')
  for (const name of await readdir(blobs)) {
    const about = await lstat(join(blobs, name)).catch(() => undefined)
    if (about === undefined || about.nlink > 1) continue
    await using held = await cache.lock(name).take()
    if (held !== undefined) await rm(join(blobs, name), { force: true })
  }
}

/** At once: nobody finds nothing there, or half of it. What is no file makes room. */
async function replace(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error) => {
    if (!['EISDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error
    await rm(to, { recursive: true, force: true })
    await rename(from, to)
  })
}

/** Where a file system has no links, or a file as many as it can have. */
async function copy(from: string, to: string, mark: number): Promise<void> {
  await copyFile(from, to)
  await using file = await open(to, 'r')
  await file.sync()
  await utimes(to, mark, mark)
}

/** Whether what this owner left is nobody's any more. */
async function isOver(owner: string, path: string, clock: Clock): Promise<boolean> {
  const gone = isGone(owner)
  if (gone !== undefined) return gone
  const about = await lstat(path).catch(() => undefined)
  return about !== undefined && clock.now() - about.mtimeMs > longSilence
}

/** Each file once, whatever the names it has. */
async function bytesUnder(folder: string): Promise<{ bytes: number }> {
  const seen = new Set<number>()
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue
    const about = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined)
    if (about === undefined || seen.has(about.ino)) continue
    seen.add(about.ino)
    bytes += about.size
  }
  return { bytes }
}

/** Seconds since 1970, of the years 2001 to 2010: whole ones, which every file system keeps. */
const markOf = ({ sha256 }: Piece) => 1_000_000_000 + Number.parseInt(sha256.slice(0, 7), 16)

/** Whether an error of the disk is that it is full. */
export function isFull(error: unknown): boolean {
  return !(error instanceof TuttiError) && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')
}

const existed = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EEXIST') throw error
}

/** Milliseconds between looks at what another holds. */
export const glance = 50
const signOfUse = 600_000
const longSilence = 3_600_000
