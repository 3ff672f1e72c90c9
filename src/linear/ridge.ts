/** Ridge regression: least squares with a penalty on the squares of the coefficients; and the same for labels. */
import type { Table } from '../data/index.ts'
import type { Estimator, Examples, FamilyRule, FitOptions, Learnable, Task } from '../estimator/index.ts'
import { type Eigen, eigen } from './eigen.ts'
import { familyOf } from './family.ts'
import { crossOf, type Moments, momentsOf } from './moments.ts'
import { type LinearParams, learnable, linearParams, sharedIntercept } from './options.ts'
import { type LinearPredictor, linearPredictor } from './predictor.ts'

export interface RidgeEstimator extends Estimator<LinearParams> {
  fit(data: Table | Examples, options?: FitOptions): Promise<LinearPredictor>
  readonly family: FamilyRule<LinearParams>
}

/**
 * Linear regression that makes `sum of squared errors + alpha * sum of squared coefficients` least, as scikit-learn's Ridge:
 * alpha 0 is ordinary least squares, of the shortest coefficients where several are as good. Standardize where features differ in
 * size by more than seven digits: without a penalty, the smallest of them would be taken for constants.
 *
 * One eigendecomposition of the features' products answers every alpha, so all alphas of a search are one family. Quantities
 * only: encode categories and fill what is missing first. Exact, in double precision, on one thread; an earlier result to go
 * on from changes nothing.
 *
 * A. E. Hoerl, R. W. Kennard: Ridge Regression: Biased Estimation for Nonorthogonal Problems (1970).
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION; on fitting LINEAR_CATEGORIES, LINEAR_NOT_FINITE and what all estimators throw
 * @example
 * ```ts
 * const rows = data.table({ x: [[0], [1], [2]], y: [1.5, 3.5, 5.5] })
 * const line = await linear.ridge({ alpha: 0.1 }).fit(rows)
 * line.coef // [1.9...]
 * ```
 */
export function ridge(given: Partial<LinearParams> = {}): RidgeEstimator {
  return estimator('ridge', 'regression', given)
}

/**
 * Ridge regression on labels, as scikit-learn's RidgeClassifier: each class against the rest as +1 and -1, and the largest
 * decision wins. One linear solve for all classes, so it is fast where there are many.
 *
 * Its outputs are the softmax of the decisions: scores that keep the order, no calibrated probabilities.
 *
 * @throws as `ridge`, and FIT_ONE_CLASS
 * @example
 * ```ts
 * const rows = data.table({ x: [[0], [1], [2], [3]], y: ['no', 'no', 'yes', 'yes'] })
 * const model = await linear.ridgeClassifier().fit(rows)
 * model.score(rows) // 1
 * ```
 */
export function ridgeClassifier(given: Partial<LinearParams> = {}): RidgeEstimator {
  return estimator('ridgeClassifier', 'classification', given)
}

function estimator(name: string, task: Task, given: Partial<LinearParams>): RidgeEstimator {
  const params = linearParams(name, given)
  const family: FamilyRule<LinearParams> = {
    axes: ['alpha'],
    async fit(data, members, options = {}) {
      const center = sharedIntercept(name, members)
      const examples = learnable(name, task, data, options)
      const solve = solver(examples, task, center, options.sampleWeight)
      options.onProgress?.(1, 1)
      return familyOf(members.map((member) => linearPredictor({ ...solve(member.alpha), ...about(name, task, member, examples) })))
    },
  }
  return {
    name,
    task,
    family,
    getParams: () => params,
    withParams: (changed) => estimator(name, task, { ...params, ...changed }),
    async fit(data, options = {}) {
      return (await family.fit(data, [params], options)).member(0) as LinearPredictor
    },
  }
}

function about(estimator: string, task: Task, params: LinearParams, { features, classes, width }: Learnable) {
  const shape = task === 'regression' ? ({ width: 1, link: 'identity' } as const) : ({ width, link: 'scores' } as const)
  return { estimator, task, params: { ...params }, features, classes, ...shape }
}

/** What is the same for every alpha is done at once; what it returns costs a few products of matrix and vector. */
function solver(examples: Learnable, task: Task, center: boolean, weights: ArrayLike<number> | undefined) {
  const moments = momentsOf(examples, center, weights)
  const parts = eigen(moments.gram, moments.size)
  const targets = task === 'regression' ? [examples.y] : signs(examples)
  const means = targets.map((target) => (center ? meanOf(target, moments.weight, weights) : 0))
  const crosses = targets.map((target, t) =>
    crossOf(
      examples,
      moments,
      target.map((value) => value - (means[t] as number)),
      weights,
    ),
  )
  return (alpha: number) => {
    const coefs = crosses.map((cross) => coefficients(moments, parts, cross, alpha))
    const intercepts = coefs.map((coef, t) => coef.reduce((sum, value, k) => sum - value * (moments.mean[k] as number), means[t] as number))
    return { coef: Float64Array.from(coefs.flatMap((coef) => [...coef])), intercept: Float64Array.from(intercepts) }
  }
}

/** Refined twice: an eigendecomposition is exact to the largest eigenvalue's digits, and small features deserve digits, too. */
const refinements = 2

/** (gram + alpha)^-1 cross; directions in which the features do not differ get no coefficient. */
function coefficients({ size, gram }: Moments, { values, vectors }: Eigen, cross: Float64Array, alpha: number): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, value), 0)
  const floor = largest * size * Number.EPSILON
  const coef = new Float64Array(size)
  let rest = cross
  for (let turn = 0; turn <= refinements; turn++) {
    for (let k = 0; k < size; k++) {
      // Rounding leaves eigenvalues a little below 0.
      const value = Math.max(0, values[k]!)
      if (value + alpha <= floor) continue
      let along = 0
      for (let j = 0; j < size; j++) along += vectors[k * size + j]! * rest[j]!
      along /= value + alpha
      for (let j = 0; j < size; j++) coef[j] = coef[j]! + along * vectors[k * size + j]!
    }
    rest = cross.map((value, i) => {
      let sum = alpha * coef[i]!
      for (let j = 0; j < size; j++) sum += gram[i * size + j]! * coef[j]!
      return value - sum
    })
  }
  return coef
}

/** For each class +1 where a row has it and -1 where not; of two classes, the second's alone. */
function signs({ y, width }: Learnable): Float64Array[] {
  const classes = width === 2 ? [1] : Array.from({ length: width }, (_, k) => k)
  return classes.map((label) => y.map((value) => (value === label ? 1 : -1)))
}

function meanOf(target: Float64Array, weight: number, weights: ArrayLike<number> | undefined): number {
  return target.reduce((sum, value, row) => sum + (weights === undefined ? value : value * (weights[row] as number)), 0) / weight
}
