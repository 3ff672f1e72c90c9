/** The door of running: training files, modes, and the models that runs leave. */
import type { Mode } from './mode.ts'
import * as modes from './modes/index.ts'

modes satisfies Record<string, (options?: never) => Mode<never, never, unknown>>

export { exportModel } from './export.ts'
export { readScaling, type Scaling, type ScalingJob, type ScalingResult, type ScalingRun, scaling } from './families/scaling.ts'
export { loadModule, loadTraining } from './load.ts'
export { defaultThreads, type Job, type Mode, nobody, type RunResult, type RunStart, type Surroundings, type Watcher } from './mode.ts'
export { createPredictor, type KeptModel, openModel, type Predictor } from './model.ts'
export { type Prediction, predictFile } from './predict.ts'
export type { Signature } from './signature.ts'
export {
  type EndedTrial,
  noStudyWatcher,
  type StudyJob,
  type StudyResult,
  type StudyStart,
  type StudySurroundings,
  type StudyWatcher,
} from './study.ts'
export { replay } from './trials/replay.ts'
export { type Ablated, type AblateOptions, ablate, type Tuned, type TuneOptions, tune } from './tune.ts'
export { whereOf } from './where.ts'
export { checkOutput, writeOutput } from './write.ts'
export { modes }
