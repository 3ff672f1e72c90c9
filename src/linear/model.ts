import type { Feature, Params, Task } from '../estimator/index.ts'

/**
 * What is made of decisions: 'identity', the values themselves; 'scores', the softmax of the classes' decisions, of two classes
 * of minus and plus the one decision; 'probabilities', the softmax of the classes' decisions, of two classes of 0 and the one.
 */
export type LinearLink = 'identity' | 'scores' | 'probabilities'

/** The numbers of a linear model, and what they are about. */
export interface LinearModel {
  /** 'ridge', 'ridgeClassifier', 'lasso', 'logisticRegression'. */
  readonly estimator: string
  readonly task: Task
  readonly params: Params
  readonly features: readonly Feature[]
  readonly classes: readonly string[] | undefined
  /** Columns of the outputs: the classes, or 1. */
  readonly width: number
  readonly link: LinearLink
  /** [decisions, features], row-major: one decision for a quantity or for two classes, else one a class. */
  readonly coef: Float64Array
  /** [decisions]. */
  readonly intercept: Float64Array
}
