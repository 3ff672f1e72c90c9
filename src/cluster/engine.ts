/**
 * The contract of engines: where workers live. An engine only starts and ends them; the worker program is the same under
 * every engine, dials back to the driver, and speaks to it through a `Connection`.
 */
import type { Clock } from '../core/clock.ts'
import type { Json } from '../core/json.ts'
import type { Address, Connection, Transport } from '../net/index.ts'

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
  /**
   * Where a file or folder of the driver's machine lies on this one: the same path under the engines of one machine; else, at the first
   * call for it, perhaps a copy that is made now. Relative paths are the driver's.
   */
  readonly place: (path: string) => Promise<string>
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
  /** Where folders of the driver's machine lie on this one, of workers that live elsewhere. */
  readonly places?: Places
  /** Path of what the driver leaves on the disk if it is killed: its workers remove it. */
  readonly leftovers?: string
}

/** How a worker on another machine finds what lies on the driver's. */
export interface Places {
  /** The driver's current folder, to which its relative paths belong. */
  readonly cwd: string
  /** Absolute folders of the driver, and where a copy of them lies there; the longest one that fits counts. */
  readonly copies: readonly (readonly [from: string, to: string])[]
  /** Absolute folders and files of the driver that it hands out to those who ask. */
  readonly roots: readonly string[]
  /** Folder of that machine in which such copies are kept. */
  readonly cache: string
}

/** A worker that was started; it may not have dialled yet. */
export interface WorkerHandle {
  /** 'process 4711', 'thread 3', 'process 4711 on 10.0.0.3'. */
  readonly title: string
  readonly pid?: number
  /** Resolves when it has a place and begins; absent where that is at once. It may wait for one as long as the engine lets it. */
  readonly placed?: Promise<unknown>
  /** The machine it lives on, where that may be another than the driver's. */
  readonly node?: string | undefined
  /** Bytes that are free for new work on its machine, where that may be another than the driver's. */
  readonly free?: number | undefined
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
  /** How its workers reach the driver; absent where the cluster's own choice does. @throws what is wrong with where they are to live */
  readonly transport?: () => Promise<Transport>
  /** Sets up what its workers need, once, before the first launch. An engine that has this serves one cluster. */
  open?(ground: Ground): Promise<void>
  /** A caller that knows the token and may be of the engine's own, and no worker: whether it is. */
  receive?(connection: Connection, hello: Json): boolean
  launch(spec: WorkerSpec): WorkerHandle
  /** Why what was launched has no place yet, in words that follow "waiting". */
  readonly waiting?: string | undefined
  /** How many workers it has room for by now, those it has included; undefined where that is not known. */
  readonly room?: number | undefined
  /** After the last worker is gone. */
  close?(): Promise<void>
}

/** What an engine is told of the cluster that it serves. */
export interface Ground {
  readonly address: Address
  readonly token: string
  readonly clock: Clock
  readonly assets: Assets
  /** For people: what takes long. */
  readonly say: (text: string) => void
  /** Workers will never come. */
  readonly fail: (error: Error) => void
}

/** What workers need that lies on the driver's machine. */
export interface Assets {
  /** Modules, with all that they import. */
  readonly modules: readonly string[]
  /** Folders and files that they may ask for. */
  readonly data: readonly string[]
}
