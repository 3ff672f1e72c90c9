/** The door of linear models; the package exports it as `linear`: `linear.ridge({ alpha: 0.1 })`, `linear.lasso()`. */
export { type LassoEstimator, lasso } from './lasso.ts'
export { type LogisticEstimator, type LogisticParams, logisticRegression } from './logistic.ts'
export type { LinearLink, LinearModel } from './model.ts'
export type { LinearParams } from './options.ts'
export { fromJson, type LinearPredictor } from './predictor.ts'
export { type RidgeEstimator, ridge, ridgeClassifier } from './ridge.ts'
