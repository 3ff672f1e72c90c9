/** Predicting with trees, fast: batches, single rows, and prefixes of ensembles. */
export { importancesOf } from './importances.ts'
export { type Compiled, compile, outputs, prefixOutputs } from './outputs.ts'
export { predictorOf, type TreePredictor } from './predictor.ts'
