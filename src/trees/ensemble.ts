/** What forests and boosting become: trees whose outputs are added up, and what is made of the sum. */
import type { Feature, Params, Task } from '../estimator/index.ts'
import type { Tree } from './tree.ts'

/**
 * A row's sum is `base + scale * (values of its leaves)`: of width `width`, where tree t adds to all columns (trees as wide as the
 * sum), or to column `t % width` (boosting: trees of width 1, one a column in turn). Then the link: 'identity'; 'logistic' (width 1: outputs
 * are 1 - p and p of two classes); 'softmax'; 'exp' (regression of positive quantities).
 */
export interface Ensemble {
  /** The estimator's name: 'randomForestClassifier'. */
  readonly estimator: string
  readonly task: Task
  readonly params: Params
  readonly features: readonly Feature[]
  readonly classes: readonly string[] | undefined
  readonly trees: readonly Tree[]
  readonly width: number
  readonly base: Float64Array
  /** What each tree's values are multiplied by: 1 / trees in a forest, 1 in boosting (its leaves hold the learning rate). */
  readonly scale: number
  readonly link: Link
  /** What chance was drawn from; unknown of trees that others grew. */
  readonly seed?: number | undefined
}

export type Link = 'identity' | 'logistic' | 'softmax' | 'exp'
