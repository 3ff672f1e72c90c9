/** Errors of defining, running and resuming training. */
export const errors = {
  LOSS_NOT_FINITE: (loss: number, step: number, learningRate: number, checkpoint: string) =>
    `The loss became ${loss} at step ${step} (learning rate ${learningRate}). ${checkpoint} Try a smaller learning rate, clipNorm on the optimizer, or look for extreme values in the data.`,
  WEIGHTS_NOT_FINITE: (step: number, learningRate: number, checkpoint: string) =>
    `The model's weights became infinite or NaN at step ${step} (learning rate ${learningRate}). ${checkpoint} Try a smaller learning rate, or clipNorm on the optimizer.`,
  LABEL_RANGE: (dataset: string, column: string, row: number, value: number, classes: number) =>
    `Dataset '${dataset}', column '${column}', row ${row}: the label is ${value}, but the model tells ${classes} classes apart (0 to ${classes - 1}).`,
  DATA_NOT_FINITE: (dataset: string, column: string, row: number, value: number) =>
    `Dataset '${dataset}', column '${column}', row ${row}: the value is ${value}. Replace or drop what is missing before training.`,
  DATA_EMPTY: (dataset: string) => `Dataset '${dataset}' has no examples.`,
  NO_TARGET: (dataset: string) => `Dataset '${dataset}' has no target column, so there is nothing to compare the model's output with.`,
  RESUME_CHANGED: (what: string, differences: readonly string[]) =>
    `Cannot resume: the ${what} has changed since the checkpoint was written: ${differences.slice(0, 8).join('; ')}${differences.length > 8 ? `; and ${differences.length - 8} more` : ''}. Undo the change, or start a new run.`,
  CHECKPOINT_CORRUPT: (why: string) => `The checkpoint cannot be read: ${why}. Start a new run, or resume from an older checkpoint.`,
  TRAINING_INVALID: (what: string) => `The training definition is not valid: ${what}.`,
  MODEL_ABSENT: (name: string) =>
    `The training '${name}' is of an estimator and has no network, so its context has no 'model'. Use learn(estimator, data).`,
  ROWS_NEEDED: (dataset: string, what: string) =>
    `${what} needs rows by their numbers, and the data set '${dataset}' gives batches only. Give a table, such as data.table({...}) makes, or a stream, which is read into memory.`,
  FOLDS_IMPOSSIBLE: (dataset: string, splitter: string, problem: string) =>
    `The data set '${dataset}' cannot be cut by ${splitter}: ${problem}.`,
  FOLDS_GROUP: (dataset: string, column: string, suggestion: string) =>
    `The data set '${dataset}' has no column '${column}' to group its rows by. ${suggestion}`,
  CONFIG_UNKNOWN: (key: string, suggestion: string) => `The config has no key '${key}'. ${suggestion}`,
  CONFIG_TYPE: (key: string, text: string, want: string) => `The config key '${key}' cannot be '${text}': it must be ${want}.`,
  METRIC_UNSUITABLE: (metric: string, why: string) => `The metric '${metric}' cannot be computed here: ${why}.`,
  INTERRUPTED: () => 'The run was interrupted.',
} as const
