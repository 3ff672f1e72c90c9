/**
 * The contract of a store: the memory of all runs. A run is one execution of a training function: its configuration, its
 * metrics over time, its log, its artifacts, and how it ended.
 *
 * Laws:
 * - A run has at most one living writer. Its lease is taken atomically, by `createRun` or `claim`; a writer whose lease was
 *   taken over writes nothing more (RUN_TAKEN).
 * - What `flush` returned for stays, also through kill -9 and loss of power.
 * - Readers see only what was committed, and never wait for a writer.
 * - A metric is a function of (key, step): a later value replaces the earlier one, so a run resumed from a checkpoint
 *   reports its repeated steps without doubling them.
 *
 * The reading methods take a reference to a run: its id, the first letters of it, or 'last' for the newest run.
 */

import type { Json } from '../core/json.ts'

export type { Json } from '../core/json.ts'

/** 'lost' is never written: it is a running run whose process is gone. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'interrupted' | 'lost'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type Config = Readonly<Record<string, Json | undefined>>
export type Metrics = Readonly<Record<string, number>>

export interface RunSpec {
  /** Default: the name and a random ending. @throws RUN_EXISTS, RUN_NAME for one that cannot be a folder's name */
  readonly id?: string
  readonly name: string
  /** How it runs: 'single', 'study', ... */
  readonly mode: string
  readonly seed: number | string
  readonly config: Config
  /** The training file. */
  readonly file?: string
  /** Of the machine and the code, as `systemFacts` finds them. */
  readonly facts?: Config
  /** The study or experiment this run is a part of, by its id. */
  readonly parent?: string
}

/** A run as it was when it was read. Times are milliseconds since 1970. */
export interface RunRecord extends RunSpec {
  /** Name and a random ending: 'mnist-7f3a2c', unless it was given one. Unique in its store. */
  readonly id: string
  readonly status: RunStatus
  readonly created: number
  /** For a lost run, its last sign of life. */
  readonly ended?: number
  /** As given to `finish`; empty before. */
  readonly metrics: Metrics
  readonly error?: RunError
  /** Who writes it, in words, while it is running or when it was lost. */
  readonly owner?: string
}

export interface RunError {
  readonly code?: string
  readonly message: string
}
export interface MetricPoint {
  readonly key: string
  readonly step: number
  readonly value: number
  readonly time: number
}
export interface LogLine {
  readonly time: number
  readonly level: LogLevel
  readonly text: string
}
export interface RunEvent {
  readonly time: number
  readonly kind: string
  readonly data: Json
}
export interface ArtifactRecord {
  readonly name: string
  /** 'checkpoint', 'model', 'report', ... */
  readonly kind: string
  /** Where its bytes are, relative to the store's location. Written once, never changed. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly step?: number
  readonly time: number
}

export interface RunFilter {
  readonly status?: RunStatus
  readonly name?: string
  readonly mode?: string
  /** Runs of this study only, by its id. */
  readonly parent?: string
  /** The newest so many. */
  readonly limit?: number
}

/** Closing a store closes its writers. */
export interface Store extends AsyncDisposable {
  /** Where it is, as users name it. */
  readonly location: string
  /** A new run, owned by this process. */
  createRun(spec: RunSpec): Promise<RunWriter>
  /**
   * Takes a run over to go on with it, whatever its status; it is running again, and its outcome is forgotten.
   * @throws RUN_OWNED while a living process has it.
   */
  claim(run: string): Promise<RunWriter>
  /** @throws RUN_UNKNOWN, RUN_AMBIGUOUS, as every method that takes a reference. */
  run(run: string): Promise<RunRecord>
  /** Newest first. */
  runs(filter?: RunFilter): Promise<RunRecord[]>
  /** By key, then by step. */
  metrics(run: string, key?: string): Promise<MetricPoint[]>
  logs(run: string): Promise<LogLine[]>
  events(run: string): Promise<RunEvent[]>
  /** By name. */
  artifacts(run: string): Promise<ArtifactRecord[]>
  /** @throws ARTIFACT_UNKNOWN, ARTIFACT_MISSING, ARTIFACT_CORRUPT (its SHA-256 is verified). */
  readArtifact(run: string, name: string): Promise<Uint8Array>
  /** With all it has. Its parts of a study stay, without a parent. @throws RUN_OWNED while a living process has it. */
  deleteRun(run: string): Promise<void>
}

/**
 * The one pen of a run. Lines and points gather in memory and are written together, every second or few thousand; the lease is
 * renewed by the way. Left without `finish`, the run is interrupted.
 */
export interface RunWriter extends AsyncDisposable {
  readonly id: string
  /** @throws BAD_OPTION for a step that is not a whole number. */
  metric(step: number, values: Metrics): void
  log(level: LogLevel, text: string): void
  event(kind: string, data?: Json): void
  /**
   * Writes bytes under a name, replacing what had it. The old bytes stay until the new ones are recorded, and everything
   * reported before is written first, so that a checkpoint never knows more than the store.
   * @throws ARTIFACT_NAME
   */
  artifact(name: string, bytes: Uint8Array, about: { kind: string; step?: number }): Promise<ArtifactRecord>
  removeArtifact(name: string): Promise<void>
  /**
   * Returns when all that was reported is written, in one transaction. It then survives the death of this process and, where it
   * is durable (the default, which waits for the disk), a loss of power.
   * @throws STORE_FULL, STORE_LOCKED, STORE_READ_ONLY, RUN_TAKEN
   */
  flush(durable?: boolean): Promise<void>
  /** Ends the run; nothing can be written after. */
  finish(status: 'finished' | 'failed' | 'interrupted', outcome?: { metrics?: Metrics; error?: RunError }): Promise<void>
}
