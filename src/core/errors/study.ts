import { formatBytes } from '../bytes.ts'
import { suggest } from '../suggest.ts'

/** Errors of search spaces, studies, samplers and pruners. */
export const errors = {
  SPACE_EMPTY: () =>
    'The search space is empty, so there is nothing to search. Give the training a space: training({ ..., space: { learningRate: space.logUniform(1e-4, 1) } }).',
  SPACE_INVALID: (name: string, problem: string) => `In the search space, '${name}' ${problem}.`,
  SPACE_UNSATISFIABLE: (draws: number) =>
    `The search space's constraint held for none of ${draws} points drawn at random. Loosen it, or narrow the dimensions it is about.`,
  SPACE_CONSTRAINT: (what: string, config: object) =>
    `The search space's constraint ${what} for ${JSON.stringify(config)}. It must return true where the config may be tried, else false.`,
  SAMPLER_UNFIT: (sampler: string, reason: string) => `The sampler '${sampler}' cannot be used here: ${reason}.`,
  SAMPLER_OUTSIDE: (name: string, problem: string) =>
    `The '${name}' suggested a point outside the search space: ${problem}. Nothing was run with it; correct what suggests it.`,
  SAMPLER_THREW: (name: string, what: string, problem: string) =>
    `The '${name}' threw in its '${what}': ${problem}. Finished trials are kept; correct it and go on with the same study.`,
  SAMPLER_ONE_OBJECTIVE: (name: string, objectives: number) =>
    `The sampler '${name}' weighs one objective, and this training has ${objectives}. Use nsga2 or random.`,
  ENQUEUE_OUTSIDE: (problem: string) =>
    `A point that was to be tried is not in the search space: ${problem}${/[.?]$/.test(problem) ? '' : '.'}`,
  TRIAL_LOST: (trial: number, times: number, reason: string) =>
    `Trial ${trial} is lost: its worker died ${times} times, the last time by ${reason}.`,
  METRIC_MISSING: (metric: string, reported: readonly string[]) =>
    `The objective '${metric}' was never reported. ${reported.length > 0 ? `The training reports ${reported.join(', ')}. ${suggest(metric, reported)}` : 'The training reports nothing: call report({ step, ... }) in it, or return metrics. An estimator is measured on test data, or by --cv 5.'}`,
  METRIC_NAN: (metric: string) => `The objective '${metric}' ended as NaN, which cannot be compared.`,
  STUDY_CORRUPT: (problem: string) => `The study's log cannot be read: ${problem}. Restore the store from a copy, or begin another study.`,
  IMPORTANCE_FEW: (study: string, finished: number, least: number) =>
    `What mattered cannot be told yet: the study '${study}' has ${finished} finished ${finished === 1 ? 'trial' : 'trials'} with a finite value, and fewer than ${least} say nothing.`,
  IMPORTANCE_FLAT: (study: string, trials: number, metric: string, value: number) =>
    `Nothing mattered: all ${trials} finished trials of the study '${study}' ended with the same '${metric}', ${value}.`,
  TRIAL_MEMORY: (trial: number, bytes: number, limit: number) =>
    `Trial ${trial} held ${formatBytes(bytes)} of memory, and a trial may hold ${formatBytes(limit)}. Its worker was ended. Make the model or the batch smaller, or allow more with --memory.`,
  TRIAL_SILENT: (trial: number, seconds: number) =>
    `Trial ${trial} reported nothing for ${seconds} s, so it was ended. Report more often, or allow more time with --report-timeout.`,
  PROTOCOL: (problem: string) => `A message does not follow the protocol of studies: ${problem}.`,
  STUDY_UNKNOWN: (name: string, studies: Iterable<string>) => `There is no study '${name}' in this store. ${suggest(name, studies)}`,
  STUDY_NOT: (name: string, mode: string) => `'${name}' is no study but a run of mode '${mode}'. List the studies: tutti studies list.`,
  STUDY_DRIVEN: (name: string, owner: string) =>
    `Study '${name}' is being driven by ${owner}. A study has one driver at a time: wait until that has ended, stop it, or begin another study with --study.`,
  STUDY_CHANGED: (name: string, changes: readonly string[]) =>
    `Study '${name}' cannot go on with this training: ${changes.join('; ')}. Begin another study with --study, or bring back what it was.`,
  OBJECTIVE_MISSING: (name: string) =>
    `The training '${name}' has no objective, so a study does not know what is better. Add one: training({ ..., objective: { metric: 'accuracy', direction: 'maximize' } }).`,
  SPACE_MISSING: (name: string, example: string, keys: readonly string[]) =>
    `The training '${name}' has no search space. Say what a study may choose: training({ ..., space: { ${example}: space.logUniform(1e-4, 1) } }). Its config has ${keys.join(', ')}.`,
  ENGINE_NEEDS_FILE: (engine: string) =>
    `The engine '${engine}' runs trials elsewhere, and a training that was made in this program cannot travel. Give the path of its file, or use the engine 'inline'.`,
  CUSTOM_MODULE: (what: string, path: string, problem: string) => `The ${what} '${path}' cannot be used: ${problem}.`,
  WARM_START: (study: string, problem: string) => `Study '${study}' cannot warm this one up: ${problem}.`,
  WORKERS_GONE: (workers: number, reason: string) =>
    `None of ${workers} workers can be kept alive, the last one because of: ${reason}. Finished trials are kept; go on with the same study when that is mended.`,
  FAMILY_LOST: (times: number, reason: string) =>
    `What this trial shares with others is lost: ${times} ${times === 1 ? 'worker' : 'workers'} died of it, the last one by ${reason}. Run the study with --no-share to have each trial by itself.`,
  STUDY_NOTHING: (failed: number, last: string) => `No trial finished: ${failed} failed, the last one with: ${last}`,
} as const
