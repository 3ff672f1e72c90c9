/** What is put into a study's page, as JSON: what its script draws. Numbers that JSON cannot say are null. */
import type { Objective, StudyRecord, TrialState } from '../../hpo/index.ts'
import type { DimensionKind, Value } from '../../space/index.ts'

export interface PageData {
  readonly facts: PageFacts
  readonly objectives: readonly PageObjective[]
  readonly dimensions: readonly PageDimension[]
  /** Names of what was reported step by step, those of objectives first. */
  readonly metrics: readonly string[]
  /** By number. */
  readonly trials: readonly PageTrial[]
  /** Numbers of the finished trials that no other beats in every objective; of one objective the best. */
  readonly front: readonly number[]
  /** Of a search that was run with several numbers of workers. */
  readonly scaling?: PageScaling
  /** Points of curves that were left out, so that the page stays small. */
  readonly thinned: boolean
}

export interface PageFacts
  extends Pick<StudyRecord, 'id' | 'name' | 'mode' | 'status' | 'sampler' | 'pruner' | 'seed' | 'engine' | 'workers'> {
  readonly file?: string
  /** How the program is called in commands that are suggested. */
  readonly program: string
  readonly version: string
  readonly created: number
  readonly ended?: number
  readonly busy: number
  /** When the page was made. */
  readonly made: number
  readonly wantedTrials?: number
  /** Whether trials waited for work that they shared. */
  readonly shared?: boolean
  /** How trials are cross-validated. */
  readonly folds?: string
  /** What was set for every trial: '--set epochs=3'. */
  readonly fixed: readonly (readonly [name: string, value: Value])[]
  readonly waiting?: string
}

export interface PageObjective extends Objective {
  /** Number of the best finished trial. */
  readonly best?: number
  readonly importance?: PageImportance
  readonly ablation?: PageAblation
}

/** Of an ablation: what each component is worth. */
export interface PageAblation {
  /** Mean of the trials with everything. */
  readonly base?: number
  readonly seeds: number
  /** The largest effect first. */
  readonly rows: readonly PageEffect[]
}

export interface PageEffect {
  readonly name: string
  /** How much worse the objective is without it; above zero it is worth having. */
  readonly effect: number
  /** With 95 % confidence; of a single seed there is none. */
  readonly interval?: readonly [low: number, high: number]
  /** Whether the interval excludes zero. */
  readonly sure: boolean
  readonly seeds: number
}

/** What mattered by each method, or the sentence that says why it cannot be told. */
export type PageImportance =
  | { readonly problem: string }
  | { readonly fanova: readonly PageShare[]; readonly pairs: readonly PageShare[]; readonly permutation: readonly PageShare[] }

export interface PageShare {
  readonly name: string
  readonly share: number
  readonly deviation: number
}

export interface PageDimension {
  readonly name: string
  readonly kind: DimensionKind
  /** 'a number from 0.0001 to 1 (log)'. */
  readonly text: string
  /** On a logarithmic scale. */
  readonly log: boolean
  /** Its ends, of numbers. */
  readonly range?: readonly [low: number, high: number]
  /** Its values, of others. */
  readonly values?: readonly Value[]
  readonly conditional: boolean
}

export interface PageTrial {
  readonly number: number
  readonly state: TrialState
  readonly seed: number
  readonly origin: string
  readonly parent?: number
  readonly without?: readonly string[]
  /** One for each objective; of trials that run, what they reported last. */
  readonly values: readonly (number | null)[]
  /** One for each objective, where it was measured over folds: the deviation over them. */
  readonly spread?: readonly (number | null)[]
  /** One for each dimension; null where it does not count. */
  readonly at: readonly (Value | null)[]
  readonly error?: string
  readonly waiting?: string
  readonly attempts: readonly PageAttempt[]
  /** The last step that was reported. */
  readonly step?: number
  /** Of each metric what was reported at each of `steps`. */
  readonly curves?: { readonly steps: readonly number[]; readonly values: readonly (readonly (number | null)[])[] }
}

export interface PageScaling {
  readonly metric: string
  /** '0.8 ± 0.01' and 'maxDepth=4', of the training's own config and of the best. */
  readonly standard: readonly [config: string, value: string]
  readonly best?: readonly [config: string, value: string]
  readonly about: string
  readonly runs: readonly { readonly workers: number; readonly shared: boolean; readonly seconds: number; readonly speedUp: number }[]
  /** The same as text, a head first. */
  readonly rows: readonly (readonly string[])[]
}

/** Times are milliseconds after the study was made. `end` and `how` are null while it runs. */
export type PageAttempt = readonly [worker: number, begin: number, end: number | null, how: string | null]
