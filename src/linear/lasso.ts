/** The lasso: least squares with a penalty on the sizes of the coefficients, which leaves many of them exactly 0. */
import type { Table } from '../data/index.ts'
import type { Estimator, Examples, FamilyRule, FitOptions } from '../estimator/index.ts'
import { familyOf } from './family.ts'
import { crossOf, momentsOf } from './moments.ts'
import { type LinearParams, learnable, linearParams, sharedIntercept } from './options.ts'
import { lassoPath } from './path.ts'
import { type LinearPredictor, linearPredictor } from './predictor.ts'

export interface LassoEstimator extends Estimator<LinearParams> {
  fit(data: Table | Examples, options?: FitOptions): Promise<LinearPredictor>
  readonly family: FamilyRule<LinearParams>
}

/**
 * Linear regression that makes `sum of squared errors / (2 * rows) + alpha * sum of |coefficients|` least, as scikit-learn's
 * Lasso and LassoLars, solved exactly by following the path of all solutions from the largest penalty down.
 *
 * One path answers every alpha, so all alphas of a search are one family. Features are not scaled: one that is small as a number
 * is penalized more, so standardize where that is not meant. Quantities only; double precision; one thread; an earlier result
 * to go on from changes nothing.
 *
 * R. Tibshirani: Regression Shrinkage and Selection via the Lasso (1996); see `path.ts` for the algorithm.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION; on fitting LINEAR_CATEGORIES, LINEAR_NOT_FINITE and what all estimators throw
 * @example
 * ```ts
 * const rows = data.table({ x: [[0, 1], [1, 0], [2, 1], [3, 0]], y: [0.1, 0.9, 2.1, 2.9] })
 * const sparse = await linear.lasso({ alpha: 0.05 }).fit(rows)
 * sparse.coef // [0.9..., 0]: the second feature says nothing
 * ```
 */
export function lasso(given: Partial<LinearParams> = {}): LassoEstimator {
  const name = 'lasso'
  const params = linearParams(name, given)
  const family: FamilyRule<LinearParams> = {
    axes: ['alpha'],
    async fit(data, members, options = {}) {
      const center = sharedIntercept(name, members)
      const examples = learnable(name, 'regression', data, options)
      const { y, features } = examples
      const weights = options.sampleWeight
      const moments = momentsOf(examples, center, weights)
      const { size, weight, mean } = moments
      const total = y.reduce((sum, value, row) => sum + (weights === undefined ? value : value * (weights[row] as number)), 0)
      const middle = center ? total / weight : 0
      const cross = crossOf(
        examples,
        moments,
        y.map((value) => value - middle),
        weights,
      )
      const problem = { size, gram: moments.gram.map((value) => value / weight), cross: cross.map((value) => value / weight) }
      const coefs = lassoPath(
        problem,
        members.map(({ alpha }) => alpha),
      )
      options.onProgress?.(1, 1)
      return familyOf(
        members.map((member, i) => {
          const coef = coefs[i] as Float64Array
          const intercept = coef.reduce((sum, value, k) => sum - value * (mean[k] as number), middle)
          const about = { estimator: name, params: { ...member }, features, classes: undefined, width: 1 }
          return linearPredictor({ ...about, task: 'regression', link: 'identity', coef, intercept: Float64Array.of(intercept) })
        }),
      )
    },
  }
  return {
    name,
    task: 'regression',
    family,
    getParams: () => params,
    withParams: (changed) => lasso({ ...params, ...changed }),
    async fit(data, options = {}) {
      return (await family.fit(data, [params], options)).member(0) as LinearPredictor
    },
  }
}
