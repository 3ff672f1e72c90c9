import type { Estimator, Probabilistic } from '../../estimator/index.ts'
import { type ForestPredictor, treesEstimator } from './forest.ts'
import type { DecisionTreeClassifierParams, DecisionTreeRegressorParams } from './params.ts'

/**
 * One tree that tells classes apart: parts the rows by one feature after another, so that the parts are as pure as can be
 * (CART: L. Breiman, J. Friedman, R. Olshen, C. Stone, 1984). Parameters and defaults are scikit-learn's.
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION
 * @example
 * ```ts
 * const { train, test } = await data.digits()
 * const tree = await trees.decisionTreeClassifier({ maxDepth: 8 }).fit(train)
 * tree.score(test) // about 0.8
 * ```
 */
export function decisionTreeClassifier(
  params: Partial<DecisionTreeClassifierParams> = {},
): Estimator<DecisionTreeClassifierParams, ForestPredictor & Probabilistic> {
  return treesEstimator('decisionTreeClassifier', params)
}

/** One tree that predicts a quantity: the mean (or median) of the rows of a leaf. @throws UNKNOWN_OPTION, BAD_OPTION */
export function decisionTreeRegressor(
  params: Partial<DecisionTreeRegressorParams> = {},
): Estimator<DecisionTreeRegressorParams, ForestPredictor> {
  return treesEstimator('decisionTreeRegressor', params)
}
