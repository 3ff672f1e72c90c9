/** The door of histogram boosting. */
import type { Estimator, Probabilistic } from '../../estimator/index.ts'
import type { TreePredictor } from '../predict/index.ts'
import { boostingEstimator } from './estimator.ts'
import { type ClassifierParams, classifierDefaults, type RegressorParams, regressorDefaults } from './params.ts'

/**
 * Gradient boosting over histograms: each round adds a small tree, or one a class, that lowers the loss of all before it. Quantities are
 * put into at most 255 bins, so that a split is found by looking at bins instead of rows; leaves are split in the order of their gain.
 *
 * Parameters, defaults and losses are those of scikit-learn's HistGradientBoostingClassifier. Sums are of whole numbers, so the same
 * rows give the same trees for any number of threads. Missing values go the better way; categories are parted in two sets.
 *
 * J. H. Friedman: Greedy Function Approximation (2001); G. Ke et al.: LightGBM (2017).
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION
 * @example
 * ```ts
 * const model = await histGradientBoostingClassifier({ maxIter: 200 }).fit(table, { threads: 2 })
 * model.score(others)
 * ```
 */
export function histGradientBoostingClassifier(
  options?: Partial<ClassifierParams>,
): Estimator<ClassifierParams, TreePredictor & Probabilistic> {
  return boostingEstimator('histGradientBoostingClassifier', 'classification', classifierDefaults, options)
}

/**
 * The same for quantities: squared error, absolute error, quantiles, and counts or positive quantities (poisson, gamma), whose logarithm
 * the trees add up to.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION
 * @example `await histGradientBoostingRegressor({ loss: 'quantile', quantile: 0.9 }).fit(table)`
 */
export function histGradientBoostingRegressor(options?: Partial<RegressorParams>): Estimator<RegressorParams, TreePredictor> {
  return boostingEstimator('histGradientBoostingRegressor', 'regression', regressorDefaults, options)
}

export { stagedOutputs } from './estimator.ts'
export type {
  BoostingParams,
  ClassifierParams as HistGradientBoostingClassifierParams,
  RegressorParams as HistGradientBoostingRegressorParams,
} from './params.ts'
