import type { Estimator, Probabilistic } from '../../estimator/index.ts'
import { type ForestPredictor, treesEstimator } from './forest.ts'
import type { ForestClassifierParams, ForestRegressorParams } from './params.ts'

/**
 * Many trees, each grown from rows drawn with replacement and looking at few features for each split; their shares of the classes are
 * averaged (L. Breiman: Random Forests, 2001). Parameters and defaults are scikit-learn's.
 *
 * Families: `nEstimators`, `maxDepth`, `minSamplesSplit`, `minImpurityDecrease`, `maxLeafNodes` and `ccpAlpha` are all answered by one fit.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION
 * @example
 * ```ts
 * const { train, test } = await data.digits()
 * const forest = await trees.randomForestClassifier({ nEstimators: 50 }).fit(train)
 * forest.score(test) // about 0.95
 * ```
 */
export function randomForestClassifier(
  params: Partial<ForestClassifierParams> = {},
): Estimator<ForestClassifierParams, ForestPredictor & Probabilistic> {
  return treesEstimator('randomForestClassifier', params)
}

/** The same for a quantity: the mean of the trees' values. Looks at all features for each split, as scikit-learn does. @throws UNKNOWN_OPTION, BAD_OPTION */
export function randomForestRegressor(params: Partial<ForestRegressorParams> = {}): Estimator<ForestRegressorParams, ForestPredictor> {
  return treesEstimator('randomForestRegressor', params)
}
