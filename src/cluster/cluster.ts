/** Workers kept alive: started, authenticated, watched, and started again when they are lost. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { fail } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { memory, type Transport, tcp, unix } from '../net/index.ts'
import type { ClusterEngine } from './engine.ts'
import { begin, type Life, type Worker } from './life.ts'
import { lobby } from './lobby.ts'

export interface ClusterOptions {
  readonly engine: ClusterEngine
  /** Default: memory for engines of the driver's own thread, else Unix sockets where there are any. */
  readonly transport?: Transport
  readonly workers: number
  readonly program: URL
  readonly options: Json
  readonly clock: Clock
  /** Called for each worker that comes, also for those that replace lost ones. */
  readonly onWorker: (worker: Worker) => void
  /** Called when a rank cannot be started again and again; the cluster goes on with those that are left. */
  readonly onGiveUp?: (rank: number, reason: string) => void
  /** Called with what a worker writes to its standard output and error, in whole lines. */
  readonly onOutput?: (rank: number, text: string) => void
  /** Milliseconds without a sign of life after which a worker is taken for frozen; default 4000, at least 500. */
  readonly patience?: number
  /** Deaths in a row, of a rank that never said a word, after which it is given up; default 3. */
  readonly attempts?: number
}

/** Disposing of it asks all workers to go, and ends those that do not within a few seconds. */
export interface Cluster extends AsyncDisposable {
  /** Ranks in the making, for "waiting for a worker". */
  readonly starting: number
}

/**
 * Starts the workers and keeps them alive until it is disposed of. A worker that is lost is replaced by the next generation of
 * its rank; callers of older generations, and of none, are turned away.
 *
 * @throws CLUSTER_TRANSPORT where the transport does not reach the engine's workers; BAD_OPTION; NET_LISTEN
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { engine, clock, workers, patience = 4000, attempts = 3 } = options
  const transport = options.transport ?? transportFor(engine)
  check(options, transport)
  const token = randomBytes(32).toString('hex')
  const expected = lobby()
  const listener = await transport.listen({ token, accept: expected.receive })
  const leftovers = transport.leavesBehind?.(listener.address)
  const closing = new AbortController()
  const alive = new Set<Life>()
  let starting = workers

  /** Lets one rank live, again and again. */
  const keep = async (rank: number) => {
    let silent = 0
    let short = 0
    for (let generation = 0; !closing.signal.aborted; generation++) {
      const spec = { program: options.program, options: options.options, rank, generation, address: listener.address, token, leftovers }
      const life = begin({ engine, spec, clock, patience, lobby: expected, onOutput: (text) => options.onOutput?.(rank, text) })
      alive.add(life)
      const worker = await life.worker
      const born = clock.elapsed()
      if (worker && !closing.signal.aborted) {
        starting--
        options.onWorker(worker)
      }
      const reason = await life.lost
      alive.delete(life)
      if (closing.signal.aborted) return
      if (worker) starting++
      silent = life.spoke ? 0 : silent + 1
      short = worker && clock.elapsed() - born > longLife ? 0 : short + 1
      if (silent >= attempts) {
        starting--
        options.onGiveUp?.(rank, [reason, life.lastWords].filter(Boolean).join('\n'))
        return
      }
      if (short > 1) await clock.sleep(Math.min(firstPause * 2 ** (short - 2), longestPause), closing.signal).catch(() => undefined)
    }
  }
  const ranks = Array.from({ length: workers }, (_, rank) => keep(rank))

  return {
    get starting() {
      return starting
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the cluster is closing'))
      for (const life of alive) life.stop()
      const gone = Promise.all(ranks)
      const late = new AbortController()
      await Promise.race([gone, clock.sleep(farewell, late.signal).catch(() => undefined)])
      late.abort()
      for (const life of alive) life.kill('it did not go when asked')
      await gone
      await listener[Symbol.asyncDispose]()
    },
  }
}

function transportFor(engine: ClusterEngine): Transport {
  if (!engine.parallel) return memory()
  return process.platform === 'win32' ? tcp() : unix()
}

function check({ engine, workers, patience = 4000, attempts = 3 }: ClusterOptions, transport: Transport): void {
  if (engine.parallel && transport.reach === 'thread') throw fail('CLUSTER_TRANSPORT', engine.name, transport.name)
  if (!Number.isInteger(workers) || workers < 1) throw fail('BAD_OPTION', 'the cluster', 'workers', workers, 'a whole number of at least 1')
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
