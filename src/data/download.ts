/** Downloads that resume, are checked against their sum, and appear under their name only when whole. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, type FileHandle, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { createGunzip } from 'node:zlib'
import { type Clock, realClock } from '../core/clock.ts'
import { fail, messageOf } from '../core/errors.ts'
import { makeFolder } from '../core/folders.ts'
import type { DownloadProgress } from './settings.ts'

/** The sum a file must have; `of: 'content'` is that of the bytes after unpacking gzip, whatever a mirror packed them with. */
export interface Sum {
  readonly algorithm: 'sha256' | 'md5'
  readonly of: 'file' | 'content'
  readonly hex: string
}

export interface DownloadOptions {
  readonly sum: Sum
  /** What people call the file. */
  readonly label: string
  readonly progress?: ((progress: DownloadProgress) => void) | undefined
  /** Milliseconds without a byte after which a server is given up. Default 30,000. */
  readonly patience?: number
  /** Times one address is tried again after a cut connection; what came is kept. Default 3. */
  readonly attempts?: number
  readonly clock?: Clock
}

/**
 * Downloads to `target`, trying the addresses in order. Bytes go to `<target>.partial`, which a later attempt or run goes
 * on with; the file is renamed only after its sum was right. Of several processes one downloads, the others wait for it.
 *
 * @throws DOWNLOAD_FAILED with the reason of each address.
 */
export async function download(urls: readonly string[], target: string, options: DownloadOptions): Promise<void> {
  const clock = options.clock ?? realClock
  await makeFolder(dirname(target))
  await using held = await lock(`${target}.lock`, target, clock)
  if (!held.mine) return
  const reasons: string[] = []
  for (const url of urls) {
    const attempts = options.attempts ?? 3
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const outcome = await fetchOnce(url, target, options, clock, held.touch)
      if (outcome.kind === 'done') return
      reasons.push(`${url}: ${outcome.why}`)
      if (outcome.kind === 'refused') break
      if (attempt < attempts) await clock.sleep(outcome.kind === 'wrong' ? 0 : 250 * 2 ** attempt)
    }
  }
  throw fail('DOWNLOAD_FAILED', options.label, target, [...new Set(reasons)])
}

/** The sum of a file in hexadecimal. */
export async function sumOf(path: string, sum: Pick<Sum, 'algorithm' | 'of'>): Promise<string> {
  const hash = createHash(sum.algorithm)
  const file = createReadStream(path)
  if (sum.of === 'file' || !(await isGzip(path))) for await (const chunk of file) hash.update(chunk)
  else {
    const unpacked = createGunzip()
    file.on('error', (error) => unpacked.destroy(error)).pipe(unpacked)
    for await (const chunk of unpacked) hash.update(chunk)
  }
  return hash.digest('hex')
}

type Outcome =
  | { readonly kind: 'done' }
  /** The server does not have it: another attempt would change nothing. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The connection was cut or silent: what came is kept. */
  | { readonly kind: 'cut'; readonly why: string }
  /** All came, and it is not the file: nothing is kept. */
  | { readonly kind: 'wrong'; readonly why: string }

async function fetchOnce(
  url: string,
  target: string,
  options: DownloadOptions,
  clock: Clock,
  touch: () => Promise<void>,
): Promise<Outcome> {
  const partial = `${target}.partial`
  const origin = `${partial}.json`
  const patience = options.patience ?? 30_000
  const abort = new AbortController()
  const within = <T>(promise: Promise<T>): Promise<T> => impatient(promise, patience, clock, abort)
  const discard = () => Promise.all([rm(partial, { force: true }), rm(origin, { force: true })])
  try {
    // Bytes from one address never go on with those of another: mirrors may have packed the same content differently.
    const before = await readOrigin(origin)
    let at = before?.url === url ? await sizeOf(partial) : 0
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    if (at > 0) headers.range = `bytes=${at}-`
    if (at > 0 && before?.etag !== undefined) headers['if-range'] = before.etag
    const response = await within(fetch(url, { headers, signal: abort.signal }))
    if (response.status === 416) {
      await discard()
      return { kind: 'cut', why: 'the server could not go on where the last attempt ended' }
    }
    if (!response.ok || response.body === null) {
      const gone = response.status >= 400 && response.status < 500 && response.status !== 429
      return { kind: gone ? 'refused' : 'cut', why: `the server answered ${response.status} ${response.statusText}`.trim() }
    }
    if (response.status !== 206 || !response.headers.get('content-range')?.startsWith(`bytes ${at}-`)) at = 0
    await writeFile(origin, JSON.stringify({ url, etag: response.headers.get('etag') ?? undefined }))
    const length = response.headers.get('content-length')
    const total = length === null ? undefined : at + Number(length)
    await using file = await open(partial, at === 0 ? 'w' : 'a')
    options.progress?.({ file: options.label, received: at, total })
    const chunks = response.body.getReader()
    for (;;) {
      const { done, value } = await within(chunks.read())
      if (done) break
      await file.write(value)
      at += value.length
      options.progress?.({ file: options.label, received: at, total })
      await touch()
    }
    if (total !== undefined && at !== total) return { kind: 'cut', why: `the connection ended after ${at} of ${total} bytes` }
    await file.sync()
  } catch (error) {
    if (isDisk(error)) throw error
    return { kind: 'cut', why: reasonOf(error) }
  }
  const sum = await sumOf(partial, options.sum).catch((error) => `unreadable, ${messageOf(error)}`)
  if (sum !== options.sum.hex) {
    await discard()
    return { kind: 'wrong', why: `its ${options.sum.algorithm} is ${sum}, not ${options.sum.hex}; it was thrown away` }
  }
  await rename(partial, target)
  await rm(origin, { force: true })
  return { kind: 'done' }
}

/** Rejects, and aborts the request, when the promise takes longer than `patience` milliseconds. */
async function impatient<T>(promise: Promise<T>, patience: number, clock: Clock, abort: AbortController): Promise<T> {
  const settled = new AbortController()
  const late = clock.sleep(patience, settled.signal).then(
    () => {
      const error = new Error(`nothing came for ${patience / 1000} s`)
      abort.abort(error)
      throw error
    },
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    settled.abort()
  }
}

interface Held extends AsyncDisposable {
  /** False when another process finished the download while this one waited. */
  readonly mine: boolean
  /** Says that the holder lives; called as bytes come. */
  touch(): Promise<void>
}

/** One process at a time, told by a file that names its holder. A holder that died, or gave no sign for ten minutes, loses it. */
async function lock(path: string, target: string, clock: Clock): Promise<Held> {
  const me = JSON.stringify({ host: hostname(), pid: process.pid, token: `${clock.elapsed()}` })
  let touched = clock.elapsed()
  const touch = async () => {
    if (clock.elapsed() - touched < 5000) return
    touched = clock.elapsed()
    await utimes(path, clock.now() / 1000, clock.now() / 1000).catch(() => undefined)
  }
  const release = async () => {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === me) await rm(path, { force: true })
  }
  for (;;) {
    if (await exists(target)) return { mine: false, touch, [Symbol.asyncDispose]: async () => {} }
    const file: FileHandle | undefined = await open(path, 'wx').catch((error) => {
      if (error.code !== 'EEXIST') throw error
      return undefined
    })
    if (file !== undefined) {
      await file.writeFile(me)
      await file.close()
      // It may have been finished since that was asked.
      if (await exists(target)) await release()
      else return { mine: true, touch, [Symbol.asyncDispose]: release }
    } else if (await isStale(path, clock)) await breakLock(path, clock)
    else await clock.sleep(100)
  }
}

/** Of those who found it stale, the slower ones must not remove the lock of the first: one at a time looks again, and removes. */
async function breakLock(path: string, clock: Clock): Promise<void> {
  const guard = `${path}.breaking`
  const taken = await open(guard, 'wx').catch((error) => {
    if (error.code !== 'EEXIST') throw error
    return undefined
  })
  if (taken !== undefined) {
    await taken.close()
    if (await isStale(path, clock)) await rm(path, { force: true })
    await rm(guard, { force: true })
    return
  }
  // It is held for a moment; whose holder was killed in that moment is removed.
  const about = await stat(guard).catch(() => undefined)
  if (about && clock.now() - about.mtimeMs > 10_000) await rm(guard, { force: true })
  await clock.sleep(10)
}

async function isStale(path: string, clock: Clock): Promise<boolean> {
  const [text, about] = await Promise.all([readFile(path, 'utf8'), stat(path)]).catch(() => [undefined, undefined])
  if (text === undefined || about === undefined) return false
  if (clock.now() - about.mtimeMs > 600_000) return true
  try {
    const holder = JSON.parse(text)
    if (holder.host !== hostname()) return false
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function readOrigin(path: string): Promise<{ url: string; etag?: string } | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

async function isGzip(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer } = await file.read(new Uint8Array(2), 0, 2, 0)
  return buffer[0] === 0x1f && buffer[1] === 0x8b
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (about) => about.size,
    () => 0,
  )
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** A full or read-only disk is not the mirror's fault: trying another would hide it. */
function isDisk(error: unknown): boolean {
  return ['ENOSPC', 'EROFS', 'EACCES', 'EPERM', 'EDQUOT', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : messageOf(error)
}
