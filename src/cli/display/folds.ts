/** Cross-validations, told: the mean and spread of each metric, and each fold. */
import type { FoldRun, Metrics } from '../../train/index.ts'
import { formatNumber } from './numbers.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** 'accuracy' stands with its 'accuracyStd'. */
export function foldsText(metrics: Metrics, folds: readonly FoldRun[], { bold, dim }: Style): string {
  const names = Object.keys(folds[0]?.metrics ?? {}).filter((name) => Object.hasOwn(metrics, `${name}Std`))
  const number = (value: number | undefined) => (value === undefined ? '-' : formatNumber(value))
  const means = names.map((name) => ['', name, bold(number(metrics[name])), number(metrics[`${name}Std`])])
  const rows = folds.map(({ fold, metrics, seconds, rows }) => [
    ...['', String(fold + 1), ...names.map((name) => number(metrics[name]))],
    ...[rows.train.toLocaleString('en-US'), rows.test.toLocaleString('en-US'), `${seconds.toFixed(2)} s`],
  ])
  const title = ['', 'fold', ...names, 'train rows', 'test rows', 'time'].map(dim)
  const columns = Array.from({ length: title.length }, (_, place) => place).slice(1)
  return `${table([['', 'metric', 'mean', 'std'].map(dim), ...means], [2, 3])}\n${table([title, ...rows], columns)}`
}
