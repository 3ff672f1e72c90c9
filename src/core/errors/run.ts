import { suggest } from '../suggest.ts'

/** Errors of training files, of running and resuming them, and of using the models they leave. */
export const errors = {
  TRAINING_FILE_MISSING: (path: string, near: readonly string[]) =>
    `There is no training file '${path}'. ${near.length > 0 ? `Did you mean ${near.map((n) => `'${n}'`).join(' or ')}?` : 'Check the path.'}`,
  TRAINING_FILE_SYNTAX: (where: string, problem: string) => `${where} cannot be read as TypeScript or JavaScript: ${problem}.`,
  TRAINING_FILE_THROWS: (where: string, problem: string) => `${where} threw while it was loaded: ${problem}`,
  TRAINING_FILE_IMPORT: (path: string, problem: string) =>
    `${path} imports what cannot be found: ${problem}. Check the path with its ending, or install the package beside the file.`,
  TRAINING_FILE_EXPORT: (path: string, problem: string) =>
    `${path} ${problem}. A training file ends in its definition: export default training({ name, config, data, model }).`,
  USER_CODE: (where: string, problem: string) => `${where}: ${problem}`,
  RUN_FINISHED: (run: string) =>
    `Run '${run}' has finished, so there is nothing to resume. Start a new run; with the same seed and config it gives the same numbers.`,
  RUN_WITHOUT_FILE: (run: string) => `Run '${run}' does not say which training file it is of. Name it: tutti train FILE --resume ${run}.`,
  RESUME_SETTINGS: (run: string, differences: readonly string[]) =>
    `Run '${run}' can only go on as it began: ${differences.join('; ')}. Leave that out to resume, or start a new run with it.`,
  RUN_MODE: (run: string, mode: string, want: string) => `Run '${run}' is of mode '${mode}' and cannot be resumed as '${want}'.`,
  MODEL_NONE: (run: string, status: string, mode: string) => {
    if (mode !== 'single')
      return `'${run}' is of mode '${mode}' and has no model: a study keeps that of its best trial, where it is not cross-validated. Train once for one, with tutti train.`
    const next =
      status === 'finished'
        ? 'It was cross-validated, or its training function never used its model: train once for one, with tutti train.'
        : `Go on with it: tutti train --resume ${run}.`
    return `Run '${run}' has no model: it is ${status}, and a model is kept when a run finishes. ${next}`
  },
  MODEL_UNKNOWN: (name: string, runs: Iterable<string>) =>
    `'${name}' is neither a file nor a run of this store. Name a run (tutti runs list) or an .onnx file. ${suggest(name, runs)}`,
  MODEL_FOREIGN: (file: string, problem: string) => `The model in ${file} cannot be used here: ${problem}.`,
  FILE_UNWRITABLE: (path: string, why: string) => `${path} cannot be written: ${why}. Name another file or folder.`,
  EXPORT_EXISTS: (folder: string, files: readonly string[]) =>
    `${folder} already has ${files.join(', ')}. Name another folder with --to, or replace them with --force.`,
  INPUT_FORMAT: (path: string, known: readonly string[]) =>
    `${path}: inputs are read from ${known.join(', ')} files, and this is none of them.`,
  INPUT_UNSUITABLE: (path: string, problem: string, wants: string) =>
    `${path} does not fit the model: ${problem}. The model takes ${wants}.`,
} as const
