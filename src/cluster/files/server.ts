/** The driver's side: tells workers what is at a path, and gives them the files that their node lacks. */
import { realpath } from 'node:fs/promises'
import { isAbsolute, normalize, resolve } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { fail, messageOf } from '../../core/errors.ts'
import type { Connection } from '../../net/index.ts'
import { atOnce } from './atOnce.ts'
import { type Answer, type Ask, chunkSize, type Entry, readAsk, windowSize } from './protocol.ts'
import { openAsFound, pieces, rememberedSums } from './sums.ts'
import { type Found, isUnder, list } from './tree.ts'

export interface FileServerOptions {
  /** Absolute paths of the folders and files that may be read; nothing else ever is. */
  readonly roots: readonly string[]
  readonly clock: Clock
  /** Folder that sums of files are kept in from run to run. Default: in the user's folder of caches. */
  readonly sums?: string
}

/** Disposing of it closes the connections it serves. */
export interface FileServer extends AsyncDisposable {
  /** Answers a worker until the connection is closed. What is no request closes it, with the reason. */
  serve(connection: Connection): void
}

/**
 * Laws: only what is under the roots is read, links followed; nothing is read before it is asked for; of a worker that does
 * not take what it asked for, no more than 8 MiB wait, and after a minute its connection is closed.
 *
 * @throws BAD_OPTION for a root that is no absolute path
 */
export function fileServer({ roots, clock, sums: folder }: FileServerOptions): FileServer {
  for (const root of roots)
    if (!isAbsolute(root)) throw fail('BAD_OPTION', 'the file server', 'roots', root, 'absolute paths of folders or files')
  const sums = rememberedSums(clock, folder)
  /** Files that were named in a manifest, by their content. */
  const named = new Map<string, Found>()
  const served = new Set<Service>()
  let over = false
  return {
    serve(connection) {
      if (over) return connection.close('the study is over')
      const service = serveOne({ connection, clock, sums, named, roots: roots.map((root) => resolve(root)) })
      served.add(service)
      void connection.closed.then(() => served.delete(service))
    },
    async [Symbol.asyncDispose]() {
      over = true
      const all = [...served]
      for (const { connection } of all) connection.close('the study is over')
      await Promise.all(all.map(({ connection, done }) => Promise.all([connection.closed, done()])))
      await sums.save()
    },
  }
}

interface Service {
  readonly connection: Connection
  /** Resolves when nothing is read for it any more. */
  done(): Promise<unknown>
}

interface ServiceOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly sums: ReturnType<typeof rememberedSums>
  readonly named: Map<string, Found>
  readonly roots: readonly string[]
}

function serveOne({ connection, clock, sums, named, roots }: ServiceOptions): Service {
  const over = new AbortController()
  void connection.closed.then((reason) => over.abort(new Error(reason)))
  const running = new Map<number, { readonly ask: 'look' | 'get'; readonly done: Promise<void>; readonly stop: AbortController }>()
  const flow = window(connection, clock, over.signal)
  const send = (answer: Answer, bytes?: Uint8Array) => {
    if (!over.signal.aborted) connection.send({ ...answer }, bytes)
  }

  const look = async ({ id, path, sums: wanted }: Ask & { ask: 'look' }, signal: AbortSignal): Promise<void> => {
    if (!isAbsolute(path) || normalize(path) !== path || !isUnder(path, roots))
      return send({ answer: 'refused', id, why: 'is outside of the folders that may be read' })
    const real = await Promise.all(roots.map((root) => realpath(root).catch(() => root)))
    const found = await list(path, (place) => isUnder(place, real))
    if (found.kind !== 'tree') return send(found.kind === 'missing' ? { answer: 'missing', id } : { answer: 'refused', id, why: found.why })
    const files: Entry[] = found.files.map(({ name, size, mtimeMs }) => ({ name, size, mtimeMs }))
    let changed = false
    if (wanted)
      await atOnce(4, found.files, async (file, i) => {
        if (signal.aborted || changed) return
        const sha256 = await sums.of(file)
        if (sha256 === undefined) changed = true
        else {
          named.set(sha256, file)
          files[i] = { ...(files[i] as Entry), sha256 }
        }
      })
    if (wanted) await sums.save()
    send(changed ? { answer: 'changed', id } : { answer: 'manifest', id, folder: found.folder, files, folders: [...found.folders] })
  }

  const get = async ({ id, sha256, from }: Ask & { ask: 'get' }, signal: AbortSignal): Promise<void> => {
    const found = named.get(sha256)
    // A link may have been put where the file or a folder above it was.
    const same = found !== undefined && (await realpath(found.real).catch(() => undefined)) === found.real
    const file = same ? await openAsFound(found) : undefined
    if (found === undefined || file === undefined || from > found.size) {
      await file?.close()
      return send({ answer: 'changed', id })
    }
    await using opened = file
    let at = from
    const give = (piece: Uint8Array) => {
      send({ answer: 'chunk', id, from: at, last: at + piece.byteLength === found.size }, piece)
      at += piece.byteLength
    }
    if (at === found.size) give(new Uint8Array())
    for await (const piece of pieces(opened, from, found.size, chunkSize)) {
      await flow.room(piece.length, signal)
      give(piece)
    }
    if (at < found.size) send({ answer: 'changed', id })
  }

  const start = (request: Ask & { ask: 'look' | 'get' }) => {
    const { id } = request
    if (running.has(id)) throw new Error(`what arrived is no request for files: ${id} is asked twice`)
    if (running.size >= mostAtOnce) throw new Error(`more than ${mostAtOnce} requests for files at once`)
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, over.signal])
    const work = request.ask === 'look' ? look(request, signal) : get(request, signal)
    const done = work
      .catch((error) => signal.aborted || send({ answer: 'refused', id, why: `could not be read (${messageOf(error)})`.slice(0, 1000) }))
      .then(() => void running.delete(id))
    running.set(id, { ask: request.ask, done, stop })
  }

  const sign = clock.every(1000, () => {
    for (const [id, { ask }] of running) if (ask === 'look') send({ answer: 'busy', id })
  })
  void connection.closed.then(() => sign.stop())
  connection.onMessage(({ body }) => {
    const request = readAsk(body)
    switch (request.ask) {
      case 'look':
      case 'get':
        return start(request)
      case 'got':
        return flow.got(request.bytes)
      case 'stop':
        return running.get(request.id)?.stop.abort(new Error('the worker wants no more'))
      default:
        request satisfies never
    }
  })
  return { connection, done: () => Promise.all([...running.values()].map(({ done }) => done)) }
}

/** How much may be on its way to one worker: what it has not said to have written yet. */
function window(connection: Connection, clock: Clock, over: AbortSignal) {
  let onTheWay = 0
  let moved = clock.elapsed()
  let wake: PromiseWithResolvers<void> | undefined
  return {
    /** Waits until so many bytes may be sent; from then on they count as on their way. */
    async room(size: number, signal: AbortSignal): Promise<void> {
      while (!signal.aborted && onTheWay > 0 && onTheWay + size > windowSize) {
        wake ??= Promise.withResolvers<void>()
        const late = new AbortController()
        const tooLate = clock.sleep(patience, AbortSignal.any([late.signal, signal])).catch(() => undefined)
        await Promise.race([wake.promise, tooLate])
        late.abort()
        if (clock.elapsed() - moved >= patience && !signal.aborted)
          connection.close(`files that were asked for were not taken for ${patience / 1000} s`)
      }
      signal.throwIfAborted()
      if (onTheWay === 0) moved = clock.elapsed()
      onTheWay += size
    },
    got(bytes: number) {
      if (bytes > onTheWay) throw new Error(`${bytes} bytes of files are said to be written, but ${onTheWay} were sent`)
      onTheWay -= bytes
      if (connection.pending > 2 * windowSize) throw new Error('files are said to be written that were not read')
      moved = clock.elapsed()
      if (over.aborted) return
      wake?.resolve()
      wake = undefined
    },
  }
}

/** Of one worker: it asks for a few at a time. */
const mostAtOnce = 64
/** Milliseconds that a worker may take to write 8 MiB. */
const patience = 60_000
