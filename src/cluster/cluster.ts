/** Workers kept alive: started, authenticated, watched, and started again when they are lost. */
import type { Clock } from '../core/clock.ts'
import type { Json } from '../core/json.ts'
import type { Connection, Transport } from '../net/index.ts'
import type { ClusterEngine } from './engine.ts'

/** A worker that has dialled in and may be spoken to. A rank that was started again is another `Worker`, of the next generation. */
export interface Worker {
  readonly rank: number
  readonly generation: number
  readonly connection: Connection
  /** 'worker 3 (process 4711)'. */
  readonly title: string
  /** Resolves, never rejects, when it is gone for good (exit, lost connection, frozen, killed), with the reason in words. */
  readonly lost: Promise<string>
  /** Bytes of memory it holds, as last seen. */
  readonly memory: number | undefined
  /** Ends it at once; the reason is what `lost` tells. */
  kill(reason: string): void
}

export interface ClusterOptions {
  readonly engine: ClusterEngine
  readonly transport: Transport
  readonly workers: number
  readonly program: URL
  readonly options: Json
  readonly clock: Clock
  /** Called for each worker that comes, also for those that replace lost ones. */
  readonly onWorker: (worker: Worker) => void
  /** Called when a rank cannot be started again and again; the cluster goes on with those that are left. */
  readonly onGiveUp?: (rank: number, reason: string) => void
  /** Milliseconds without a sign of life after which a worker is taken for frozen; default 4000. */
  readonly patience?: number
}

/** Disposing of it asks all workers to go, and ends those that do not within a few seconds. */
export interface Cluster extends AsyncDisposable {
  /** Ranks in the making, for "waiting for a worker". */
  readonly starting: number
}
