/** One life of one rank: from its launch to its end, whatever ends it. */
import type { Clock } from '../core/clock.ts'
import { type Connection, cut } from '../net/index.ts'
import type { ClusterEngine, WorkerHandle, WorkerSpec } from './engine.ts'
import type { Lobby } from './lobby.ts'
import { lastWords } from './output.ts'

/** A worker that has dialled in and may be spoken to. A rank that was started again is another `Worker`, of the next generation. */
export interface Worker {
  readonly rank: number
  readonly generation: number
  readonly connection: Connection
  /** 'worker 3 (process 4711)'. */
  readonly title: string
  /** Resolves, never rejects, when it is gone for good (exit, lost connection, frozen, killed), with the reason in words. */
  readonly lost: Promise<string>
  /** Bytes of memory it holds now, where the engine can tell. */
  readonly memory: number | undefined
  /** The machine it lives on, and the bytes that are free there, where that may be another than the driver's. */
  readonly node: string | undefined
  readonly free: number | undefined
  /** Ends it at once; the reason is what `lost` tells. */
  kill(reason: string): void
}

export interface LifeOptions {
  readonly engine: ClusterEngine
  readonly spec: WorkerSpec
  readonly clock: Clock
  /** Milliseconds without a sign of life. */
  readonly patience: number
  readonly lobby: Lobby
  readonly onOutput: (text: string) => void
}

export interface Life {
  /** Resolves when it has dialled; with nothing if it ended before. */
  readonly worker: Promise<Worker | undefined>
  /** Resolves when it is gone, with the reason. */
  readonly lost: Promise<string>
  /** Whether it has a place to live. */
  readonly placed: boolean
  /** Whether a message ever came from it. */
  readonly spoke: boolean
  /** What it wrote last, for people. */
  readonly lastWords: string
  /** Asks it to go. */
  stop(): void
  kill(reason: string): void
}

export function begin({ engine, spec, clock, patience, lobby, onOutput }: LifeOptions): Life {
  const handle = engine.launch(spec)
  const words = lastWords(onOutput)
  handle.onOutput?.(words.hear)
  const { arrival, forget } = lobby.expect(spec)
  let connection: Connection | undefined
  let verdict: string | undefined
  let spoke = false
  let stopping = false
  let placed = handle.placed === undefined
  void handle.placed?.then(() => {
    placed = true
  })
  const kill = (reason: string) => {
    verdict ??= reason
    connection?.close(reason)
    handle.kill()
  }
  const watch = watchLife(handle, clock, patience, () => kill(`frozen: no sign of life for ${patience / 1000} s`))

  const caller = (async () => {
    const ended = handle.exit.then(() => undefined)
    await Promise.race([handle.placed, ended])
    const came = await within(clock, startTime, Promise.race([arrival, ended]))
    forget()
    if (came === tooLate) kill(`it did not call within ${startTime / 1000} s of its start`)
    else connection = came
    if (verdict !== undefined) connection?.close(verdict)
    return connection
  })()

  const lost = (async () => {
    const own = await caller
    const told = await Promise.race([own?.closed ?? handle.exit, handle.exit.then(() => undefined)])
    // What a process sent last may come after the news of its end, and its end after the end of its connection.
    if (verdict === undefined && own && !stopping) {
      const end = told === undefined ? own.closed : handle.exit
      if ((await within(clock, grace, end)) === tooLate && told !== undefined) handle.kill()
    }
    const exit = await handle.exit
    own?.close(silently)
    const said = await own?.closed
    watch.stop()
    words.flush()
    if (verdict !== undefined) return verdict
    if (said !== undefined && said !== cut && said !== silently) return said
    // Who is killed from outside has no last words: what it wrote before has nothing to do with it.
    return [exit, exit !== 'SIGKILL' && words.telling].filter(Boolean).join(': ')
  })()

  const worker = caller.then((own): Worker | undefined => {
    if (!own) return undefined
    const heard: Connection = {
      peer: own.peer,
      send: own.send,
      get pending() {
        return own.pending
      },
      onMessage: (receive) =>
        own.onMessage((message) => {
          spoke = true
          receive(message)
        }),
      close: own.close,
      closed: own.closed,
    }
    return {
      rank: spec.rank,
      generation: spec.generation,
      connection: heard,
      get title() {
        return `worker ${spec.rank} (${handle.title})`
      },
      lost,
      get memory() {
        return handle.memory()
      },
      get node() {
        return handle.node
      },
      get free() {
        return handle.free
      },
      kill,
    }
  })

  return {
    worker,
    lost,
    get placed() {
      return placed
    },
    get spoke() {
      return spoke
    },
    get lastWords() {
      return words.text
    },
    stop() {
      stopping = true
      connection?.close('the driver is done')
      handle.stop()
    },
    kill,
  }
}

/**
 * Counts looks without a sign between them, and not milliseconds: a driver that was itself stopped or busy for a while finds
 * one look due, not a worker dead. The first sign starts it, which a worker gives before it dials.
 */
function watchLife(handle: WorkerHandle, clock: Clock, patience: number, onFrozen: () => void): { stop(): void } {
  let seen = false
  let missed = -1
  handle.onLife?.(() => {
    seen = true
  })
  if (!handle.onLife) return { stop: () => undefined }
  return clock.every(patience / looks, () => {
    if (seen) missed = 0
    else if (missed >= 0 && ++missed === looks) onFrozen()
    seen = false
  })
}

const tooLate: unique symbol = Symbol('too late')

async function within<T>(clock: Clock, milliseconds: number, what: Promise<T>): Promise<T | typeof tooLate> {
  const done = new AbortController()
  try {
    return await Promise.race<T | typeof tooLate>([what, clock.sleep(milliseconds, done.signal).then(() => tooLate)])
  } finally {
    done.abort()
  }
}

/** The reason of a connection that is closed because its worker has ended. */
const silently = 'the worker is gone'
const looks = 8
/** Milliseconds from launch to the first call: time to load a large program on a busy machine. */
const startTime = 60_000
/** Between a connection's end and its process's, in milliseconds. */
const grace = 1000
