/** What a study is asked for, and what it tells. */
import type { AblationTable } from '../ablation/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Spec } from '../core/registry.ts'
import type { Objective, Pruner, Sampler, SharedProgress, StudyProgress, TrialState } from '../hpo/index.ts'
import type { Dimensions, Value } from '../space/index.ts'
import type { RunError, Store } from '../store/index.ts'
import type { CvSpec, Metrics, Training } from '../train/index.ts'

export interface StudyJob {
  readonly training: Training
  /** The training file, absolute. Without it, trials run in this process. */
  readonly file?: string
  /** Config keys to replace, as text: they are not searched. */
  readonly settings?: Readonly<Record<string, string>>
  /** Instead of the training's own. */
  readonly space?: Dimensions
  /** A name ('tpe'), its JSON form, a module's path ('./mine.ts'), or the thing itself. Default tpe; nsga2 for several objectives. */
  readonly sampler?: Chosen<Sampler>
  /** Default median; none for several objectives, a grid, an estimator, and cross-validation. */
  readonly pruner?: Chosen<Pruner>
  /** Cross-validates every trial: a number of folds, or a splitter's JSON form. Its metrics are means, with 'accuracyStd' beside 'accuracy'. */
  readonly cv?: CvSpec
  /**
   * Whether trials share their work where they can: an estimator of which one fit answers many configurations, a sampler whose points
   * depend on no result, and no pruner. What is found is the same. Default true.
   */
  readonly share?: boolean
  /** How many trials in all, those of earlier drivers included. Default: as before, all of a grid, or 50. */
  readonly trials?: number
  /** Seconds this driver works at most. */
  readonly timeout?: number
  /** Default: as many as processors; on a cluster 'auto': as many as there is room for, now and later. */
  readonly workers?: number | 'auto'
  /** A name, or its JSON form: `{ kind: 'ray', address: 'http://head:8265' }`. Default: processes where there is a file. */
  readonly engine?: string | Spec
  readonly seed?: number
  /** Threads of one operator in each worker; default 1. */
  readonly threads?: number
  /** The study's name: one that exists is gone on with. */
  readonly study?: string
  /** Points to try first: keys of the config. */
  readonly enqueue?: readonly Readonly<Record<string, Value>>[]
  /** An older study whose results the sampler is told. */
  readonly warmStart?: string
  /** Bytes of memory that a trial may hold. */
  readonly memory?: number
  /** Seconds without a report after which a trial has failed. */
  readonly reportTimeout?: number
  /** How often a trial whose worker died is tried again (default 3), and one that failed by itself (default 0). */
  readonly retries?: number
  readonly retryFailed?: number
  /** Where named data sets are looked for. */
  readonly dataDir?: string
}

/** A study of what the parts of a training are worth. */
export interface AblationJob
  extends Pick<
    StudyJob,
    | 'training'
    | 'file'
    | 'settings'
    | 'workers'
    | 'engine'
    | 'seed'
    | 'threads'
    | 'study'
    | 'timeout'
    | 'memory'
    | 'reportTimeout'
    | 'retries'
    | 'retryFailed'
    | 'dataDir'
  > {
  /** What to take away: 'feature:age', 'layer:block*', 'own:augmentation', or names without their kind. Default: everything there is. */
  readonly components?: readonly string[]
  /** Two at a time as well. */
  readonly pairs?: boolean
  /** How often each is run, with seeds that count up from `seed`. Default 3. */
  readonly seeds?: number
}

export type Chosen<T> = string | Spec | T

export interface StudySurroundings {
  readonly store: Store
  readonly clock: Clock
  /** Aborted to end the study as interrupted; what runs keeps a checkpoint. */
  readonly signal: AbortSignal
  readonly watcher: StudyWatcher
  /** Processors there are, and bytes of memory that are free. */
  readonly cores: number
}

/** Who follows a study as it happens. */
export interface StudyWatcher {
  begin(start: StudyStart): void
  /** A trial has ended. */
  ended(trial: EndedTrial): void
  /** A worker's own output, line by line; what it logs is in the store. */
  output(rank: number, text: string): void
  say(text: string): void
  /** Where trials share their work: a part of it is done. */
  stage?(progress: SharedProgress): void
}

export interface StudyStart {
  readonly study: string
  readonly name: string
  readonly file: string | undefined
  readonly resumed: boolean
  readonly seed: number
  readonly sampler: string
  readonly pruner: string
  readonly workers: number | 'auto'
  readonly engine: string
  readonly objectives: readonly Objective[]
  readonly space: Dimensions
  readonly store: string
  /** How it stands now; cheap. */
  progress(): StudyProgress
}

export interface EndedTrial {
  readonly number: number
  readonly state: TrialState
  readonly config: Readonly<Record<string, Value>>
  readonly assignment: Readonly<Record<string, Value>>
  readonly metrics: Metrics
  /** Of an ablation: what was taken away. */
  readonly without?: readonly string[]
  readonly error?: RunError
  /** Whether it is the best so far. */
  readonly best: boolean
}

export interface StudyResult {
  readonly study: string
  readonly status: 'finished' | 'failed' | 'interrupted'
  readonly trials: Readonly<Record<TrialState, number>>
  readonly best?: { readonly number: number; readonly config: Readonly<Record<string, Value>>; readonly metrics: Metrics }
  /** Of this process. */
  readonly seconds: number
  readonly error?: RunError
  readonly cause?: unknown
}

export interface AblationResult extends StudyResult {
  readonly table: AblationTable
}

/** A watcher that looks away. */
export const noStudyWatcher: StudyWatcher = { begin() {}, ended() {}, output() {}, say() {} }
