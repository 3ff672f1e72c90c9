/// <reference types="node" preserve="true" />
/**
 * Tutti: machine learning that is written once and runs everywhere.
 *
 * @example
 * ```ts
 * import { data, nn, training } from 'tutti'
 *
 * export default training({
 *   name: 'digits',
 *   config: { hidden: 128, learningRate: 0.001, epochs: 3 },
 *   data: () => data.digits(),
 *   model: ({ hidden }) => nn.sequential([nn.flatten(), nn.dense({ units: hidden, activation: 'relu' }), nn.dense({ units: 10 })]),
 * })
 * ```
 */
export * as ablation from './ablation/index.ts'
export { defineConfig, type TuttiConfig } from './cli/index.ts'
export { TuttiError } from './core/errors.ts'
export { type Random, random } from './core/random.ts'
export { version } from './core/version.ts'
export * as data from './data/index.ts'
export { type Estimator, type FitOptions, type Predictor, type Probabilistic, permutationImportance } from './estimator/index.ts'
export * as graph from './graph/index.ts'
export { type Operator, operator, ops, type Value } from './graph/index.ts'
export * as hpo from './hpo/index.ts'
export * as linear from './linear/index.ts'
export * as nn from './nn/index.ts'
export * as optim from './optim/index.ts'
export { type AblateOptions, ablate, type TuneOptions, tune } from './run/index.ts'
export { dimensions as space } from './space/index.ts'
export { openStore, type Store } from './store/index.ts'
export { type Tensor, tensor } from './tensor/index.ts'
export {
  type Config,
  component,
  crossValidate,
  crossValidated,
  type DataSplits,
  type Metrics,
  metrics,
  splitters,
  type TrainContext,
  type Training,
  training,
} from './train/index.ts'
export * as trees from './trees/index.ts'
