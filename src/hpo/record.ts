/** A study as the store has it: for people, reports and exports. Times are milliseconds since 1970. */
import type { Json } from '../core/json.ts'
import type { Spec } from '../core/registry.ts'
import type { Assignment, Dimensions, Value } from '../space/index.ts'
import type { TrialState } from './trial.ts'

export interface Objective {
  readonly metric: string
  readonly direction: 'maximize' | 'minimize'
}

export type Metrics = Readonly<Record<string, number>>

export interface StudyRecord {
  /** Its name: '--study NAME', or made from the training's. It is a run of mode 'study' or 'ablation' with this id. */
  readonly id: string
  /** Of the training. */
  readonly name: string
  readonly mode: string
  readonly status: 'running' | 'finished' | 'failed' | 'interrupted' | 'lost'
  readonly file?: string
  readonly objectives: readonly Objective[]
  readonly space: Dimensions
  /** The config that assignments replace keys of. */
  readonly defaults: Readonly<Record<string, Value>>
  /** Keys of it that were set by hand (`--set`), as text: a training of its own needs them too. */
  readonly fixed?: Readonly<Record<string, string>>
  readonly sampler: string
  readonly pruner: string
  readonly seed: number
  /** How each trial is cross-validated, if it is: a number of folds, or a splitter's JSON form. */
  readonly cv?: number | Spec
  /** How many trials, or how many seconds, were asked for last. */
  readonly wanted: { readonly trials?: number; readonly timeout?: number }
  readonly workers: number
  readonly engine: string
  readonly created: number
  readonly ended?: number
  /** Milliseconds it was worked on, without the pauses between drivers. */
  readonly busy: number
  readonly trials: readonly TrialRecord[]
  /** What its driver waits for, in words that follow "waiting": 'for memory'. */
  readonly waiting?: string
  /** Components of the user's own that trials of an ablation met. */
  readonly met?: readonly string[]
  /** Whether trials waited for work that they shared: their times say how long. */
  readonly shared?: boolean
  /** The trial whose model is kept as the study's. */
  readonly model?: number
  /** Who drives it, while somebody does. */
  readonly owner?: string
}

export interface TrialRecord {
  readonly number: number
  readonly state: TrialState
  readonly assignment: Assignment
  /** Defaults and assignment. */
  readonly config: Readonly<Record<string, Value>>
  readonly seed: number
  readonly origin: 'sampler' | 'enqueued' | 'pruner' | 'plan'
  readonly parent?: number
  /** Of an ablation: what was taken away. */
  readonly without?: readonly string[]
  /** The latest reported; of a finished trial, all it ended with. */
  readonly metrics: Metrics
  /** One for each objective, as reported (not as losses); of finished and of pruned trials. */
  readonly values?: readonly number[]
  readonly reports: readonly ReportRecord[]
  readonly error?: { readonly code?: string; readonly message: string }
  /** Each time a worker had it. More than one where it was paused, lost or preempted in between. */
  readonly attempts: readonly AttemptRecord[]
  readonly created: number
  readonly ended?: number
  /** Why it waits, in words that follow "waiting": 'for a worker', 'for a rung', 'for memory'. */
  readonly waiting?: string
}

export interface ReportRecord {
  readonly step: number
  readonly metrics: Metrics
  readonly time: number
}

export interface AttemptRecord {
  readonly worker: number
  readonly begin: number
  /** Undefined while it runs. */
  readonly end?: number
  /** How it ended: 'finished', 'pruned', 'paused', 'failed', 'lost', 'preempted'. */
  readonly how?: string
}

/** What a driver tells whoever watches, a few times a second. One object, updated in place. */
export interface StudyProgress {
  readonly id: string
  readonly counts: Readonly<Record<TrialState, number>>
  /** Trials and seconds asked for; ETA follows from them. */
  readonly wanted: { readonly trials?: number; readonly timeout?: number }
  readonly objectives: readonly Objective[]
  /** The best finished trial. */
  readonly best?: { readonly number: number; readonly assignment: Assignment; readonly metrics: Metrics }
  readonly workers: readonly WorkerProgress[]
  /** Milliseconds since this driver began, and the ETA where it can be told. */
  readonly elapsed: number
  readonly eta?: number
  /** What stands in the way of more work, in words that follow "waiting": 'for memory'. */
  readonly waiting?: string
  /** Where trials share their work: then workers have units of it, and no trials of their own. */
  readonly shared?: SharedProgress
}

/** How a search stands whose trials share their work: a unit of it is a fold of a family. */
export interface SharedProgress {
  /** Whether it is still being found out what trials share. */
  readonly planning: boolean
  /** Configurations that one fit answers are a family. */
  readonly families: number
  readonly familiesDone: number
  /** The one that something was last heard of, 0 the first, and its folds. */
  readonly family?: number
  readonly folds?: number
  readonly foldsDone?: number
  readonly units: number
  readonly unitsDone: number
  /** Milliseconds. */
  readonly elapsed: number
  readonly eta?: number
  readonly waiting?: string
  readonly workers: readonly SharedWorker[]
}

export interface SharedWorker {
  readonly rank: number
  /** The machine it lives on, where that may be another. */
  readonly node?: string
  readonly state: 'starting' | 'idle' | 'planning' | 'working'
  /** Milliseconds in this state. */
  readonly since: number
  readonly family?: number
  readonly fold?: number
  /** Configurations that it measures. */
  readonly members?: number
  /** Trees, rounds or steps of its fit. */
  readonly done?: number
  readonly total?: number
}

export interface WorkerProgress {
  readonly rank: number
  /** The machine it lives on, where that may be another. */
  readonly node?: string
  readonly state: 'starting' | 'idle' | 'working' | 'lost'
  readonly trial?: number
  readonly step?: number
  /** Of the first objective, as last reported by this trial. */
  readonly value?: number
  /** Milliseconds in this state or trial. */
  readonly since: number
}

export type { Json }
