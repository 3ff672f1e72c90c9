/** Cross-validation: splitters, and what is measured over their folds. */
export { type CrossValidateOptions, type CrossValidation, crossValidate, type FoldScore } from './crossValidate.ts'
export { type CrossValidationPlan, crossValidated, type FoldRun } from './crossValidated.ts'
export { type Cv, type CvSpec, type FoldsPlan, foldsOf, readCv, type SplitterSpec } from './plan.ts'
export type { Fold, RowFacts, Splitter } from './splitter.ts'
export * as splitters from './splitters/index.ts'
export { meanAndStd } from './statistics.ts'
