import { suggest } from '../suggest.ts'

/** Errors of search spaces, studies, samplers and pruners. */
export const errors = {
  SPACE_EMPTY: () =>
    'The search space is empty, so there is nothing to search. Give the training a space: training({ ..., space: { learningRate: space.logUniform(1e-4, 1) } }).',
  SPACE_INVALID: (name: string, problem: string) => `In the search space, '${name}' ${problem}.`,
  SPACE_UNSATISFIABLE: (draws: number) =>
    `The search space's constraint held for none of ${draws} points drawn at random. Loosen it, or narrow the dimensions it is about.`,
  SAMPLER_UNFIT: (sampler: string, reason: string) => `The sampler '${sampler}' cannot be used here: ${reason}.`,
  SAMPLER_OUTSIDE: (name: string, problem: string) =>
    `The '${name}' suggested a point outside the search space: ${problem}. Nothing was run with it; correct what suggests it.`,
  SAMPLER_THREW: (name: string, what: string, problem: string) =>
    `The '${name}' threw in its '${what}': ${problem}. Finished trials are kept; correct it and go on with the same study.`,
  SAMPLER_ONE_OBJECTIVE: (name: string, objectives: number) =>
    `The sampler '${name}' weighs one objective, and this training has ${objectives}. Use nsga2 or random.`,
  ENQUEUE_OUTSIDE: (problem: string) => `A point that was to be tried is not in the search space: ${problem}.`,
  TRIAL_LOST: (trial: number, times: number, reason: string) =>
    `Trial ${trial} is lost: its worker died ${times} times, the last time by ${reason}.`,
  METRIC_MISSING: (metric: string, reported: readonly string[]) =>
    `The objective '${metric}' was never reported. ${reported.length > 0 ? `The training reports ${reported.join(', ')}. ${suggest(metric, reported)}` : 'The training reports nothing: call report({ step, ... }) in it, or return metrics.'}`,
  METRIC_NAN: (metric: string) => `The objective '${metric}' ended as NaN, which cannot be compared.`,
  STUDY_CORRUPT: (problem: string) => `The study's log cannot be read: ${problem}. Restore the store from a copy, or begin another study.`,
} as const
