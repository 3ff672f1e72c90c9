/** The door of estimators: what everything that learns in one call has in common. */
export { checkFeatures, checkLearnable, type Learnable } from './checks.ts'
export type { Estimator, Family, FamilyRule, FitOptions, Params, ParamValue, Predictor, Task } from './estimator.ts'
export { type Examples, examplesOf, type Feature } from './examples.ts'
export { likeliest, scoreOf } from './score.ts'
