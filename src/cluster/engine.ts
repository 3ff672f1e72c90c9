/**
 * The contract of engines: where workers live. An engine only starts and ends them; the worker program is the same under
 * every engine, dials back to the driver, and speaks to it through a `Connection`.
 */
import type { Clock } from '../core/clock.ts'
import type { Json } from '../core/json.ts'
import type { Address, Connection } from '../net/index.ts'

/** What a worker program's module exports as default: serves the driver until the connection is closed or `signal` is aborted. */
export type WorkerProgram = (connection: Connection, host: WorkerHost) => Promise<void>

/** What a worker knows of itself. */
export interface WorkerHost {
  readonly rank: number
  /** Counts restarts of this rank, from 0. */
  readonly generation: number
  /** As given to `launch`. */
  readonly options: Json
  readonly clock: Clock
  /** Aborted when this worker is asked to go (SIGTERM, preemption), or the connection is closed: it has a few seconds to save what it does. */
  readonly signal: AbortSignal
}

export interface WorkerSpec {
  /** Module of the worker program. */
  readonly program: URL
  /** Plain data for the program. */
  readonly options: Json
  readonly rank: number
  readonly generation: number
  /** Where it dials, and with which token. */
  readonly address: Address
  readonly token: string
  /** Path of what the driver leaves on the disk if it is killed: its workers remove it. */
  readonly leftovers?: string
}

/** A worker that was started; it may not have dialled yet. */
export interface WorkerHandle {
  /** 'process 4711', 'thread 3'. */
  readonly title: string
  readonly pid?: number
  /** Resolves, never rejects, when it is gone, with the reason in words: 'exit code 1', 'SIGKILL'. */
  readonly exit: Promise<string>
  /** Asks it to go. */
  stop(): void
  /** Ends it at once. */
  kill(): void
  /** Bytes of memory it holds now, where the system tells. */
  memory(): number | undefined
  /** Calls back with what it writes to its standard output and error; absent where that is the driver's own. */
  onOutput?(callback: (text: string) => void): void
  /**
   * Calls back at each sign of life, ten times a second from before it dials, also while its main thread computes for
   * minutes; absent where a frozen worker cannot be told from a busy one.
   */
  onLife?(callback: () => void): void
}

export interface ClusterEngine {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /** Whether workers have threads of their own, so that the driver's loop is free while they compute. */
  readonly parallel: boolean
  launch(spec: WorkerSpec): WorkerHandle
}
