/** The door of hyperparameter search: studies, samplers, pruners. */
export type { Move, Pruner, Pruning, Verdict } from './pruner.ts'
export * as pruners from './pruners/index.ts'
export type * from './record.ts'
export type { Ask, Sampler, Sampling } from './sampler.ts'
export * as samplers from './samplers/index.ts'
export type { ReportView, StudyFacts, StudyView, TrialState, TrialView } from './trial.ts'
