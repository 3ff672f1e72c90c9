/** What samplers and pruners see of a study. All that is to be improved is made a loss first, so that they only ever minimize. */
import type { Assignment, SearchSpace } from '../space/index.ts'

/**
 * waiting: for a worker, for memory, or paused until it is promoted. failed: its own exception. lost: its worker died too
 * often. preempted: its worker was taken away, or the study was interrupted; it goes on from its checkpoint.
 */
export type TrialState = 'waiting' | 'running' | 'pruned' | 'finished' | 'failed' | 'lost' | 'preempted'

/** States that are for ever. */
export const endStates: readonly TrialState[] = ['pruned', 'finished', 'failed', 'lost']

/** One trial as a sampler or pruner sees it. */
export interface TrialView {
  /** 0, 1, 2 ... in the order they were suggested; -1, -2 ... for what an older study found. */
  readonly number: number
  readonly state: TrialState
  /** Values of the dimensions that count. */
  readonly assignment: Assignment
  /** In order of step. A resumed trial reports a step again without doubling it. */
  readonly reports: readonly ReportView[]
  /**
   * One for each objective, smaller is better; never NaN. Of a finished trial its last, of a pruned one its last report's.
   * Undefined while it runs, and for ever when it failed or was lost, or was pruned before it reported.
   */
  readonly losses?: readonly number[]
  /** Stopped by the pruner and waiting to be promoted. */
  readonly paused: boolean
  /** The trial from whose checkpoint it began. */
  readonly parent?: number
}

export interface ReportView {
  readonly step: number
  /** Of the first objective; NaN and what is missing are Infinity. */
  readonly loss: number
}

/** The study so far. The arrays are live: they grow, and are not to be changed. */
export interface StudyView {
  /** By number. */
  readonly trials: readonly TrialView[]
  /** Those that have ended, in the order their results arrived. */
  readonly ended: readonly TrialView[]
  /** Those that have not: waiting, running, preempted. */
  readonly open: ReadonlySet<TrialView>
}

/** What a sampler or pruner is told when a study begins. */
export interface StudyFacts {
  readonly space: SearchSpace
  /** How many objectives there are. */
  readonly objectives: number
  /** How users speak of them; losses are already turned to be minimized. */
  readonly directions?: readonly ('maximize' | 'minimize')[]
  /** How many trials are wanted in all, if that is known. */
  readonly trials: number | undefined
  readonly workers: number
}
