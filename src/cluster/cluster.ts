/** Workers kept alive: started, authenticated, watched, and started again when they are lost. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { fail } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { memory, type Transport, tcp, unix } from '../net/index.ts'
import type { Assets, ClusterEngine } from './engine.ts'
import { fileServer } from './files/index.ts'
import { isFilesHello } from './hello.ts'
import { begin, type Life, type Worker } from './life.ts'
import { lobby } from './lobby.ts'
import { sizing } from './sizing.ts'

export interface ClusterOptions {
  readonly engine: ClusterEngine
  /** Default: the engine's own; memory for engines of the driver's own thread, else Unix sockets where there are any. */
  readonly transport?: Transport
  /** With 'auto' as many as the engine has room for, now and later, and some more that it may make room for. */
  readonly workers: number | 'auto'
  /** With 'auto': how many could have something to do, and whether a rank has nothing. Asked every second. */
  readonly use?: { most(): number; isIdle(rank: number): boolean }
  readonly program: URL
  readonly options: Json
  /** What workers need of this machine, for engines whose workers live elsewhere. */
  readonly assets?: Assets
  readonly clock: Clock
  /** Called for each worker that comes, also for those that replace lost ones. */
  readonly onWorker: (worker: Worker) => void
  /** Called when there will be no workers, with the reason. */
  readonly onFailure?: (error: Error) => void
  /** Called when a rank cannot be started again and again; the cluster goes on with those that are left. */
  readonly onGiveUp?: (rank: number, reason: string) => void
  /** Called when the last rank is given up, with the reason of that, and how many were. */
  readonly onGone?: (reason: string, ranks: number) => void
  /** Called with what a worker writes to its standard output and error, in whole lines. */
  readonly onOutput?: (rank: number, text: string) => void
  /** Called with what takes long, for people. */
  readonly onSay?: (text: string) => void
  /** Milliseconds without a sign of life after which a worker is taken for frozen; default 4000, at least 500. */
  readonly patience?: number
  /** Deaths in a row, of a rank that never said a word, after which it is given up; default 3. */
  readonly attempts?: number
}

/** Disposing of it asks all workers to go, and ends those that do not within a few seconds. */
export interface Cluster extends AsyncDisposable {
  /** Ranks in the making, for "waiting for a worker". */
  readonly starting: number
  /** Ranks there are, those in the making included. */
  readonly size: number
  /** Why workers have no place yet, in words that follow "waiting". */
  readonly waiting: string | undefined
}

/**
 * Starts the workers and keeps them alive until it is disposed of. A worker that is lost is replaced by the next generation of
 * its rank; callers of older generations, and of none, are turned away.
 *
 * @throws CLUSTER_TRANSPORT where the transport does not reach the engine's workers; BAD_OPTION; NET_LISTEN; what the engine throws
 * where workers cannot live
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { engine, clock, workers, patience = 4000, attempts = 3, use, onSay: say = () => undefined } = options
  const transport = options.transport ?? (await engine.transport?.()) ?? transportFor(engine)
  check(options, transport)
  const token = randomBytes(32).toString('hex')
  const expected = lobby()
  const { assets = noAssets } = options
  const files = fileServer({ roots: assets.data, clock })
  const listener = await transport.listen({
    token,
    accept(connection, hello) {
      if (isFilesHello(hello)) files.serve(connection)
      else if (!engine.receive?.(connection, hello)) expected.receive(connection, hello)
    },
  })
  const { address } = listener
  const leftovers = transport.leavesBehind?.(address)
  const closing = new AbortController()
  try {
    await engine.open?.({ address, token, clock, assets, say, fail: (error) => options.onFailure?.(error) })
  } catch (error) {
    await engine.close?.()
    await listener[Symbol.asyncDispose]()
    throw error
  }
  const alive = new Map<number, Life>()
  const ranks = new Map<number, { readonly ended: Promise<void>; readonly leave: AbortController }>()
  let ready = 0
  let givenUp = 0

  /** Lets one rank live, again and again. */
  const keep = async (rank: number, leave: AbortSignal) => {
    let silent = 0
    let short = 0
    for (let generation = 0; !leave.aborted; generation++) {
      const spec = { program: options.program, options: options.options, rank, generation, address, token, leftovers }
      const life = begin({ engine, spec, clock, patience, lobby: expected, onOutput: (text) => options.onOutput?.(rank, text) })
      alive.set(rank, life)
      const worker = await life.worker
      const born = clock.elapsed()
      if (worker && !leave.aborted) {
        ready++
        options.onWorker(worker)
        void life.lost.then(() => ready--)
      }
      const reason = await life.lost
      alive.delete(rank)
      if (leave.aborted) return
      silent = life.spoke ? 0 : silent + 1
      short = worker && clock.elapsed() - born > longLife ? 0 : short + 1
      if (silent >= attempts) {
        const told = [reason, life.lastWords].filter(Boolean).join('\n')
        givenUp++
        options.onGiveUp?.(rank, told)
        if (ranks.size === 1) options.onGone?.(told, givenUp)
        return
      }
      if (short > 1) await clock.sleep(Math.min(firstPause * 2 ** (short - 2), longestPause), leave).catch(() => undefined)
    }
  }
  const start = (rank: number) => {
    const leave = new AbortController()
    const ended = keep(rank, AbortSignal.any([leave.signal, closing.signal])).then(() => void ranks.delete(rank))
    ranks.set(rank, { ended, leave })
  }
  const size = sizing(workers, {
    ...{ clock, use, start, ranks: () => [...ranks.keys()], room: () => engine.room, givenUp: () => givenUp },
    hasPlace: (rank) => alive.get(rank)?.placed ?? false,
    leave(rank) {
      ranks.get(rank)?.leave.abort(new Error('it is not needed'))
      alive.get(rank)?.stop()
    },
  })

  return {
    get starting() {
      return ranks.size - ready
    },
    get size() {
      return ranks.size
    },
    get waiting() {
      // With 'auto' more is asked for than there may be: who has some does not wait.
      return workers === 'auto' && ready > 0 ? undefined : engine.waiting
    },
    async [Symbol.asyncDispose]() {
      size.stop()
      closing.abort(new Error('the cluster is closing'))
      for (const life of alive.values()) life.stop()
      const gone = Promise.all([...ranks.values()].map(({ ended }) => ended))
      const late = new AbortController()
      await Promise.race([gone, clock.sleep(farewell, late.signal).catch(() => undefined)])
      late.abort()
      for (const life of alive.values()) life.kill('it did not go when asked')
      await gone
      await engine.close?.()
      await files[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
    },
  }
}

const noAssets: Assets = { modules: [], data: [] }

function transportFor(engine: ClusterEngine): Transport {
  if (!engine.parallel) return memory()
  return process.platform === 'win32' ? tcp() : unix()
}

function check({ engine, workers, patience = 4000, attempts = 3 }: ClusterOptions, transport: Transport): void {
  if (engine.parallel && transport.reach === 'thread') throw fail('CLUSTER_TRANSPORT', engine.name, transport.name)
  if (workers !== 'auto' && (!Number.isInteger(workers) || workers < 1))
    throw fail('BAD_OPTION', 'the cluster', 'workers', workers, "a whole number of at least 1, or 'auto'")
  if (!(patience >= 500)) throw fail('BAD_OPTION', 'the cluster', 'patience', patience, 'at least 500 ms')
  if (!Number.isInteger(attempts) || attempts < 1)
    throw fail('BAD_OPTION', 'the cluster', 'attempts', attempts, 'a whole number of at least 1')
}

/** A worker that lived longer than this is replaced at once; others with growing pauses. Milliseconds. */
const longLife = 1000
const firstPause = 100
const longestPause = 2000
/** Time to save what they do, for workers that are asked to go. */
const farewell = 3000
