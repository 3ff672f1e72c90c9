import type { Feature, Params, Task } from '../estimator/index.ts'

/** The numbers of a linear model, and what they are about. */
export interface LinearModel {
  /** 'ridge', 'ridgeClassifier', 'lasso'. */
  readonly estimator: string
  readonly task: Task
  readonly params: Params
  readonly features: readonly Feature[]
  readonly classes: readonly string[] | undefined
  /** Columns of the outputs: the classes, or 1. */
  readonly width: number
  /** [decisions, features], row-major: one decision for a quantity or for two classes, else one a class. */
  readonly coef: Float64Array
  /** [decisions]. */
  readonly intercept: Float64Array
}
