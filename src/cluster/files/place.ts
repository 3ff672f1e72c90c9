/** The worker's side: where a path of the driver's machine is on this one. */
import { createHash } from 'node:crypto'
import { stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { formatBytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { fail, failBecause, messageOf, TuttiError } from '../../core/errors.ts'
import { makeFolder } from '../../core/folders.ts'
import type { Connection } from '../../net/index.ts'
import { type Asking, asking, type Looked } from './asking.ts'
import { atOnce } from './atOnce.ts'
import { type Cache, glance, isFull, openCache, type Piece, tidy } from './cache.ts'
import type { Entry, Manifest } from './protocol.ts'
import { rememberedSums, type Sums } from './sums.ts'
import { isUnder, list } from './tree.ts'

export interface PlacingOptions {
  /** Calls the driver's file server; called when the first path is asked for, and again when the line was lost. */
  readonly dial: () => Promise<Connection>
  /** Folder that this node keeps fetched files in, for all its workers. */
  readonly cache: string
  /** What the driver lets be read, see `fileServer`; other paths stay as they are. */
  readonly roots: readonly string[]
  readonly clock: Clock
  /** Told of what takes time, at most once a second. */
  readonly say?: (text: string) => void
  /** Bytes that the cache keeps when nobody uses them; default 20 GiB. */
  readonly most?: number
  /** Bytes that are free on the disk of a folder; default: what the system says. */
  readonly free?: (folder: string) => Promise<number>
}

/** Disposing of it ends what it fetches, and lets others remove what it used. */
export interface Placing extends AsyncDisposable {
  /**
   * The path at which this node has what the driver has at `path`: the same, where this node sees the same files there, else
   * one in its cache, fetched if need be. Of what is not there, or not under the roots, the path itself. Asked once a path.
   *
   * Laws: what is returned holds the driver's bytes; each content is fetched once a node, whichever workers ask; a worker that
   * is killed at any moment leaves nothing wrong; nobody waits for one who is dead.
   *
   * @throws FILES_LOST, FILES_REFUSED, FILES_CHANGED, FILES_NO_ROOM, FILES_CACHE
   */
  place(path: string): Promise<string>
}

/** What it gives as `place` is what the data room's `setPlace` takes. Nothing is dialled, and no folder made, before a path is asked for that is under the roots. */
export function placing(options: PlacingOptions): Placing {
  const { dial, clock } = options
  const roots = options.roots.map((root) => resolve(root))
  const folder = resolve(options.cache)
  const ending = new AbortController()
  const driver = asking({ dial, clock, signal: ending.signal })
  const cache = openCache(folder, clock)
  const node: Node = { ...options, driver, cache, sums: rememberedSums(clock, folder), signal: ending.signal, prepared: undefined }
  const placed = new Map<string, Promise<Placed>>()
  return {
    async place(given) {
      const path = resolve(given)
      if (!isUnder(path, roots) || isUnder(path, [folder])) return given
      const known = placed.get(path) ?? findPlace(path, node)
      placed.set(path, known)
      // What failed, or was not there, may be another time.
      const forget = () => placed.get(path) === known && placed.delete(path)
      known.then(({ missing }) => missing && forget(), forget)
      const { where } = await known
      return where === path ? given : where
    },
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('the worker is going'))
      await driver[Symbol.asyncDispose]()
      await Promise.allSettled(placed.values())
      await cache.leave()
    },
  }
}

interface Placed {
  readonly where: string
  readonly missing?: true
}

interface Node extends Omit<PlacingOptions, 'cache'> {
  readonly driver: Asking
  readonly cache: Cache
  readonly sums: Sums
  readonly signal: AbortSignal
  prepared: Promise<void> | undefined
}

/** Files that change while they are looked at, or sent, are looked at again a few times. */
async function findPlace(path: string, node: Node): Promise<Placed> {
  // Where something is here, sizes and times may tell that it is the same, and the driver need not read its files.
  const brief = (await isThere(path)) ? await node.driver.look(path, false) : undefined
  if (brief?.answer === 'manifest' && (await isHere(path, brief, node))) return { where: path }
  for (let tries = 0; tries < 3; tries++) {
    const found = await node.driver.look(path, true)
    if (found.answer === 'missing') return { where: path, missing: true }
    if (found.answer === 'refused') return await asSeen(path, found)
    if (found.answer === 'changed') continue
    if (await isHere(path, found, node)) return { where: path }
    const where = await ship(path, found, node)
    if (where !== undefined) return { where }
  }
  throw fail('FILES_CHANGED', path, 'it was changed while it was read, or other bytes arrived than were announced')
}

/** What the driver may not give is used as this node sees it, if it does. */
async function asSeen(path: string, { why }: Extract<Looked, { answer: 'refused' }>): Promise<Placed> {
  if (!(await isThere(path))) throw fail('FILES_REFUSED', path, why)
  return { where: path }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** Whether this node sees the same files at the same path. Without sums in the manifest, times must be equal. */
async function isHere(path: string, manifest: Manifest, { sums }: Node): Promise<boolean> {
  const here = await list(path).catch(() => undefined)
  if (here?.kind !== 'tree' || here.folder !== manifest.folder || here.files.length !== manifest.files.length) return false
  if (here.folders.join('/') !== [...manifest.folders].sort().join('/')) return false
  const theirs = new Map(manifest.files.map((file) => [file.name, file]))
  const pairs = here.files.map((own) => ({ own, their: theirs.get(own.name) }))
  if (!pairs.every(({ own, their }) => own.size === their?.size)) return false
  const doubtful = pairs.filter(({ own, their }) => own.mtimeMs !== their?.mtimeMs)
  for (const { own, their } of doubtful) {
    if (their?.sha256 === undefined || (await sums.of(own)) !== their.sha256) return false
  }
  await sums.save()
  return true
}

/** Puts a tree together in the cache. Undefined where the driver does not have all of it any more. */
async function ship(path: string, manifest: Manifest, node: Node): Promise<string | undefined> {
  const { cache, clock } = node
  const name = basename(path) || 'root'
  const files = manifest.files.map((file) => piece(file))
  const tree = createHash('sha256').update(treeText(name, manifest)).digest('hex')
  const where = join(cache.folder, tree, name)
  const at = (file: Entry) => (manifest.folder ? join(where, file.name) : where)
  try {
    node.prepared ??= cache.prepare()
    await node.prepared
    await cache.use(tree, node.signal)
    const lacking: Wanted[] = []
    await atOnce(16, manifest.files, async (file, i) => {
      const target = at(file)
      if (!(await cache.isSound(target, files[i] as Piece)))
        lacking.push({ ...(files[i] as Piece), target, path: manifest.folder ? join(path, file.name) : path })
    })
    await makeFolders(where, manifest, lacking)
    if (lacking.length === 0) return where
    const need = lacking.reduce((sum, { size }) => sum + size, 0)
    await tidy(cache, Math.max(0, (node.most ?? defaultMost) - need), clock)
    const told = progress(`Fetching ${name} to this node`, need, node)
    let whole = true
    await atOnce(8, lacking, async (wanted) => {
      whole &&= await bring(wanted, node, told)
    })
    return whole ? where : undefined
  } catch (error) {
    if (error instanceof TuttiError || node.signal.aborted) throw error
    if (isFull(error))
      throw await noRoom(
        node,
        manifest.files.reduce((sum, { size }) => sum + size, 0),
      )
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    node.prepared = undefined
    throw failBecause(error, 'FILES_CACHE', cache.folder, messageOf(error))
  }
}

interface Wanted extends Piece {
  /** Where the tree has it. */
  readonly target: string
  /** Where the driver has it, for sentences. */
  readonly path: string
}

/** Puts one file into its tree; fetches it where no worker of this node has, and waits for one who does it now. */
async function bring(wanted: Wanted, node: Node, told: (bytes: number) => void): Promise<boolean> {
  const { cache, clock, signal } = node
  const lock = cache.lock(wanted.sha256)
  for (;;) {
    signal.throwIfAborted()
    // Another worker may have put it there by now.
    if (await cache.isSound(wanted.target, wanted)) return true
    {
      await using held = await lock.take()
      if (held !== undefined) {
        if (!(await cache.isSound(cache.blob(wanted), wanted)) && !(await fetch(wanted, node, told))) return false
        // Nobody removes a blob while this one has its lock.
        if (await cache.put(wanted, wanted.target)) return true
        throw failBecause(undefined, 'FILES_CACHE', cache.folder, 'somebody removes files from it')
      }
    }
    await clock.sleep(glance, signal)
  }
}

async function fetch(wanted: Wanted, node: Node, told: (bytes: number) => void): Promise<boolean> {
  const { cache, driver, clock } = node
  const free = node.free ?? freeOn
  // Of a small one the disk itself will say it.
  if ((wanted.size > small || node.free !== undefined) && (await free(cache.folder)) < wanted.size) {
    const kept = await tidy(cache, Number.MAX_SAFE_INTEGER, clock)
    await tidy(cache, Math.max(0, kept - wanted.size), clock)
    if ((await free(cache.folder)) < wanted.size) throw await noRoom(node, wanted.size)
  }
  await using writing = await cache.begin(wanted)
  const came = await driver.get({ ...wanted, from: 0 }, async (bytes) => {
    await writing.add(bytes)
    told(bytes.byteLength)
  })
  return came && (await writing.keep())
}

async function makeFolders(where: string, { folder, folders }: Manifest, lacking: readonly Wanted[]): Promise<void> {
  const wanted = new Set(lacking.map(({ target }) => dirname(target)))
  if (folder) for (const name of ['', ...folders]) wanted.add(join(where, name))
  for (const path of wanted) await makeFolder(path, 0o700)
}

async function noRoom({ cache, free = freeOn }: Node, bytes: number): Promise<TuttiError> {
  const left = await free(cache.folder).catch(() => undefined)
  return fail('FILES_NO_ROOM', cache.folder, formatBytes(bytes), left === undefined ? 'the disk is full' : `${formatBytes(left)} are free`)
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Says how far it is, at once and then at most once a second. */
function progress(what: string, total: number, { clock, say }: Node): (bytes: number) => void {
  let done = 0
  let said = Number.NEGATIVE_INFINITY
  return (bytes) => {
    done += bytes
    if (clock.elapsed() - said < 1000) return
    said = clock.elapsed()
    say?.(`${what}: ${Math.min(100, Math.floor((100 * done) / Math.max(1, total)))} %`)
  }
}

function piece({ name, size, sha256 }: Entry): Piece {
  if (sha256 === undefined) throw new Error(`the manifest has no sum of '${name}'`)
  return { size, sha256 }
}

/** What makes two trees the same: names and contents, and not when they were written. */
function treeText(name: string, { folder, files, folders }: Manifest): string {
  const entries = files.map((file) => [folder ? file.name : name, file.size, file.sha256] as const).sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return JSON.stringify([name, folder, entries, [...folders].sort()])
}

/** Bytes. */
const small = 2 ** 20
const defaultMost = 20 * 2 ** 30
