/** What a mode hands to training: everything that differs between running once, many times, or on many machines. */
import type { Clock } from '../core/clock.ts'
import type { Runtime } from '../graph/index.ts'
import type { Checkpoints } from './checkpoint.ts'

export type Metrics = Readonly<Record<string, number>>

export interface Environment {
  readonly runtime: Runtime
  readonly threads: number
  /** Of an estimator's fit, which gives the same with any number; 'auto' is as many as the work is worth. Default: `threads`. */
  readonly fitThreads?: number | 'auto'
  readonly clock: Clock
  readonly seed: number
  /** Aborting saves a checkpoint and ends the run as interrupted. */
  readonly signal: AbortSignal
  readonly checkpoints: Checkpoints
  readonly observer: Observer
}

/** What others may see of training, as it happens. */
export interface Observer {
  /** Metrics that the training function reports; step as it gives it. */
  report(step: number, metrics: Metrics): void | Promise<void>
  /** Losses along the way, by batch; thinned out. */
  curve(step: number, metrics: Metrics): void
  log(level: 'info' | 'warn', text: string): void
  progress(progress: Progress): void
}

/** One object a fit, updated in place: read it when told, keep nothing. */
export interface Progress {
  /** 'learn': an estimator is at work, whose trees or rounds are the batches of one epoch. */
  phase: 'compile' | 'train' | 'learn' | 'evaluate' | 'done'
  /** Which fit of the training function; 0 is the first. */
  readonly fit: number
  epoch: number
  epochs: number
  /** Batches done in this epoch and, where known, of how many. */
  batch: number
  batches: number | undefined
  /** Optimizer updates done. */
  updates: number
  loss: number
  learningRate: number
  /** Examples trained on since this process began, and the milliseconds that took. */
  examples: number
  elapsed: number
  /** Last reported metrics. */
  metrics: Metrics
}
