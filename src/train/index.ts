/** The door of training: the definition, its context, fit and evaluate, metrics, checkpoints. */
export { type Checkpoints, decodeSnapshot, encodeSnapshot, type Position, type Snapshot } from './checkpoint.ts'
export { component, runWithout } from './component.ts'
export type { TrainContext } from './context.ts'
export {
  type CrossValidateOptions,
  type CrossValidation,
  type CrossValidationPlan,
  type Cv,
  type CvSpec,
  crossValidate,
  crossValidated,
  type Fold,
  type FoldRun,
  type FoldScore,
  type FoldsPlan,
  foldsOf,
  meanAndStd,
  type RowFacts,
  readCv,
  type Splitter,
  type SplitterSpec,
  splitters,
} from './crossValidation/index.ts'
export {
  type Config,
  type ConfigValue,
  checkSpace,
  type DataSplits,
  type EstimatorDefinition,
  type EstimatorTraining,
  isTraining,
  type NetworkTraining,
  objectivesOf,
  type SpaceOf,
  type TrainFunction,
  type Training,
  type TrainingDefinition,
} from './definition.ts'
export type { Environment, Metrics, Observer, Progress } from './environment.ts'
export { type EvaluateOptions, logicalDtype, type MetricSpec } from './evaluate.ts'
export type { Fit } from './fit.ts'
export type { Callbacks, CheckpointOptions, Epoch, FitOptions, Step } from './fitOptions.ts'
export { fitsOnce } from './fromEstimator.ts'
export { type LearnOptions, tableOf } from './learn.ts'
export { defaultMetrics, measure, measureOutputs, type Outputs } from './measure.ts'
export type { Metric } from './metric.ts'
export type { ConfusionTable } from './metrics/confusion.ts'
export * as metrics from './metrics/index.ts'
export { type EarlyStopping, type Followed, isBetter } from './stopping.ts'
export { type Outcome, runTraining, training, withSettings } from './training.ts'
export { BATCH, type Variables } from './variables.ts'
