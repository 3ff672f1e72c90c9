/** The door of training: the definition, its context, fit and evaluate, metrics, checkpoints. */
export { type Checkpoints, decodeSnapshot, encodeSnapshot, type Position, type Snapshot } from './checkpoint.ts'
export { component, runWithout } from './component.ts'
export type { TrainContext } from './context.ts'
export type { Environment, Metrics, Observer, Progress } from './environment.ts'
export { type EvaluateOptions, logicalDtype, type MetricSpec } from './evaluate.ts'
export type { Fit } from './fit.ts'
export type { Callbacks, CheckpointOptions, Epoch, FitOptions, Step } from './fitOptions.ts'
export type { Metric } from './metric.ts'
export type { ConfusionTable } from './metrics/confusion.ts'
export * as metrics from './metrics/index.ts'
export { type EarlyStopping, type Followed, isBetter } from './stopping.ts'
export {
  type Config,
  type ConfigValue,
  checkSpace,
  type DataSplits,
  isTraining,
  type Outcome,
  objectivesOf,
  runTraining,
  type SpaceOf,
  type TrainFunction,
  type Training,
  type TrainingDefinition,
  training,
  withSettings,
} from './training.ts'
export { BATCH, type Variables } from './variables.ts'
