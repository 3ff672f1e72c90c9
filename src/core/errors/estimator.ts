import { suggest } from '../suggest.ts'

/** Errors of estimators: trees, forests, boosting, linear models. */
export const errors = {
  FIT_EMPTY: (name: string, what: string) => `The data set '${name}' has no ${what}, so there is nothing to learn from.`,
  FIT_TEXT: (name: string, column: string) =>
    `The input '${column}' of data set '${name}' is text, which trees and linear models do not read. Encode it as numbers, or leave it out with without('${column}').`,
  FIT_TARGET: (name: string, row: number, value: number, want: string) =>
    `The target of data set '${name}' is ${value} in row ${row}, but it must be ${want}. Correct the row or leave it out.`,
  FIT_ONE_CLASS: (name: string, rows: number, label: string) =>
    `All ${rows} rows of data set '${name}' have the label '${label}', so there is nothing to tell apart. Give rows of at least two labels.`,
  FIT_THREAD: (problem: string) => `A thread that learned died: ${problem}. Where it was memory, use fewer threads (nJobs) or fewer rows.`,
  FIT_WEIGHTS: (name: string, problem: string) =>
    `The sample weights for data set '${name}' cannot be used: ${problem}. Give one number of at least 0 a row, some of them larger.`,
  FIT_TOO_LARGE: (name: string, bytes: number) =>
    `The data set '${name}' would take ${(bytes / 2 ** 30).toFixed(1)} GiB to boost trees on, and there is room for 2. Leave out rows or columns, or take fewer maxLeafNodes.`,
  FIT_DIVERGED: (rounds: number) =>
    `After ${rounds} rounds the gradients are no finite numbers any more: the target is too large for the loss, or the learning rate too high. Scale the target down, or learn slower.`,
  TREE_LEAVES_ONLY: () =>
    'This tree came from an ONNX file, which tells only of leaves, so there is nothing to prune it by. Prune where it was grown, or keep it as JSON (toJson).',
  WARM_START_CHANGED: (kind: string, from: string, changed: readonly string[]) =>
    `A ${kind} cannot go on from this ${from}: ${changed.length > 0 ? `${listed(changed)} differ${changed.length === 1 ? 's' : ''}` : 'it is another estimator'}. Only the number of trees or rounds may grow; fit anew without 'from' for the rest.`,
  PREDICT_FEATURES: (of: string, name: string, missing: readonly string[], extra: readonly string[]) =>
    `The ${of} cannot predict from '${name}': ${[
      ...(missing.length > 0 ? [`${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`] : []),
      ...(extra.length > 0 ? [`${listed(extra)} ${extra.length === 1 ? 'was' : 'were'} not there when it learned`] : []),
    ].join(', and ')}.${missing.length === 1 && extra.length > 0 ? ` ${suggest(missing[0] as string, extra)}` : ''}`,
  PREDICT_ORDER: (of: string, name: string, place: number, learned: string, found: string) =>
    `The ${of} cannot predict from '${name}': its column ${place} is '${found}', and was '${learned}' when it learned. Bring the columns into that order, for instance with select.`,
  PREDICT_CLASSES: (of: string, name: string, label: string, classes: number) =>
    `'${name}' has rows with the label '${label}', and the ${of} learned ${classes} labels without it. Leave those rows out, or learn again with them.`,
} as const

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `'${name}'`)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
