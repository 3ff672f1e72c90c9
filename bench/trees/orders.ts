/** What measured programs of the trees' suite are told to do, one JSON line each; `ours.ts` and `peer.py` know the same orders. */

export type ModelSpec =
  | { readonly kind: 'forest'; readonly task: Task; readonly trees: number }
  | {
      readonly kind: 'boosting'
      readonly task: Task
      /** Whose; tutti takes its own. */
      readonly library: Library
      readonly rounds: number
      readonly leaves: number
      readonly bins: number
      readonly rate: number
      /** Rows in a leaf at least. */
      readonly least: number
    }

export type Task = 'classification' | 'regression'
export type Library = 'lightgbm' | 'scikit-learn' | 'xgboost'

/** Each with what it is answered with. */
export interface Orders {
  /** Reads two .npy files and keeps them under a name. */
  load: [
    { readonly as: string; readonly x: string; readonly y: string; readonly rows?: number },
    { readonly rows: number; readonly columns: number },
  ]
  /** Fits; what comes out stays until the next fit. */
  fit: [
    { readonly data: string; readonly model: ModelSpec; readonly threads: number; readonly seed: number },
    { readonly seconds: number; readonly nodes: number | null },
  ]
  /** Labels of all rows, some times over. */
  predict: [{ readonly data: string; readonly threads: number; readonly times: number }, { readonly seconds: readonly number[] }]
  /** Labels of the first rows, one call each. */
  single: [{ readonly data: string; readonly rows: number }, { readonly microseconds: readonly number[] }]
  score: [{ readonly data: string }, { readonly score: number }]
  /** A grid search with cross-validation. */
  grid: [GridOrder, GridAnswer]
  /** The most the process held since it began. */
  memory: [object, { readonly peak: number }]
}

export interface GridOrder {
  readonly data: string
  readonly grid: Readonly<Record<string, readonly number[]>>
  readonly folds: number
  readonly workers: number
  readonly seed: number
  /** Whether one fit may answer for many points; tutti only. */
  readonly share: boolean
}

export interface GridAnswer {
  readonly seconds: number
  /** Mean accuracy over the folds of the best point, and which that is. */
  readonly best: number
  readonly at: Readonly<Record<string, number>>
}
