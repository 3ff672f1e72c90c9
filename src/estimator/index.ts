/** The door of estimators: what everything that learns in one call has in common. */
export { checkFeatures, checkLearnable, type Learnable } from './checks.ts'
export type { AnyEstimator, Estimator, Family, FamilyRule, FitOptions, Params, ParamValue, Predictor, Probabilistic } from './estimator.ts'
export { type Examples, examplesOf, type Feature, type Task } from './examples.ts'
export { type PermutationImportance, type PermutationOptions, permutationImportance } from './permutation.ts'
export { likeliest, scoreOf } from './score.ts'
