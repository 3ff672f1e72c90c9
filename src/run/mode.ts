/**
 * The contract of a mode: one way to run a training function. A mode swaps what is inside the function's context (where its
 * config comes from, which data it sees, with whom its gradients are averaged); the function itself never knows.
 */
import type { Clock } from '../core/clock.ts'
import type { Runtime } from '../graph/index.ts'
import type { Json, RunError, Store } from '../store/index.ts'
import type { FoldRun, Metrics, Observer, SplitterSpec, Training } from '../train/index.ts'

export interface Mode<J = Job, S = Surroundings, R = RunResult> {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /**
   * Runs a job to its end. What goes wrong once the run is in the store is told by the result; what goes wrong before
   * (a misspelt setting, a store that cannot be written) is thrown.
   */
  run(job: J, surroundings: S): Promise<R>
}

/** What is to be run. */
export interface Job {
  readonly training: Training
  /** The training file, absolute. */
  readonly file: string
  /** Config keys to replace, as text; see `withSettings`. */
  readonly settings: Readonly<Record<string, string>>
  /** Default 0. */
  readonly seed?: number
  /** Threads of one operator; default `defaultThreads`, or what a resumed run had. Of an estimator: as many as the work is worth. */
  readonly threads?: number
  /** Measures over folds in place of training once: how many, or how the rows are cut. A resumed run keeps its own. */
  readonly cv?: number | SplitterSpec
  /** The run to go on with: its id, or the first letters of it. */
  readonly resume?: string
}

/** Where it is run. */
export interface Surroundings {
  readonly store: Store
  readonly runtime: Runtime
  readonly clock: Clock
  /** Aborted to end the run as interrupted, with a checkpoint. */
  readonly signal: AbortSignal
  readonly watcher: Watcher
}

/** Who follows a run as it happens. `progress` is called at every step and must cost next to nothing. */
export interface Watcher extends Observer {
  begin(run: RunStart): void
  /** A fold of a cross-validation has ended. */
  fold?(fold: FoldRun): void
}

export interface RunStart {
  readonly run: string
  readonly name: string
  readonly file: string
  readonly seed: number
  readonly config: Readonly<Record<string, Json | undefined>>
  /** Absent for an estimator that takes as many as the work is worth. */
  readonly threads?: number
  /** Where the store is. */
  readonly store: string
  readonly objective: string | undefined
  /** For a resumed run: the checkpoint it goes on from, or that there was none. */
  readonly resumed?: { readonly checkpoint: string | undefined }
}

export interface RunResult {
  readonly run: string
  readonly status: 'finished' | 'failed' | 'interrupted'
  readonly metrics: Metrics
  /** Of this process, from the run's begin to its end. */
  readonly seconds: number
  readonly error?: RunError
  /** What was thrown, with its stack. */
  readonly cause?: unknown
  /** The newest checkpoint, where one is kept. */
  readonly checkpoint?: string
  /** The folds that were run, where it was cross-validated. */
  readonly folds?: readonly FoldRun[]
  /** Of an estimator that knows them: the features that were worth most, as shares. */
  readonly importances?: Readonly<Record<string, number>>
}

/**
 * One thread, on every machine. How many threads share a sum decides how its parts are rounded, so a default that followed
 * the number of cores would give the same seed other numbers elsewhere; and small models are not faster with more.
 */
export const defaultThreads = 1

/** A watcher that looks away. */
export const nobody: Watcher = { begin() {}, report() {}, curve() {}, log() {}, progress() {} }
