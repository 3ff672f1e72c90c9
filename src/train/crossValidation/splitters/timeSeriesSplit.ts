import { fail } from '../../../core/errors.ts'
import { checkFolds } from '../options.ts'
import { range } from '../rows.ts'
import type { Splitter } from '../splitter.ts'

export interface TimeSeriesOptions {
  /** Default 5. */
  readonly folds?: number
  /** Rows left out between training and test. Default 0. */
  readonly gap?: number
  /** Trains on at most so many rows, the latest. Default: all before. */
  readonly maxTrain?: number
  /** Rows tested a fold. Default: rows / (folds + 1). */
  readonly testSize?: number
}

/**
 * For rows in the order of time: each fold tests the next block of rows, and trains on those before it. As scikit-learn's
 * TimeSeriesSplit.
 */
export function timeSeriesSplit(options: TimeSeriesOptions = {}): Splitter {
  checkFolds('timeSeriesSplit', options, ['folds', 'gap', 'maxTrain', 'testSize'])
  const { folds = 5, gap = 0, maxTrain = Number.POSITIVE_INFINITY, testSize } = options
  if (!Number.isInteger(gap) || gap < 0) throw fail('BAD_OPTION', 'timeSeriesSplit', 'gap', gap, 'a whole number, at least 0')
  for (const [option, value] of Object.entries({ maxTrain: options.maxTrain, testSize })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw fail('BAD_OPTION', 'timeSeriesSplit', option, value, 'a whole number, at least 1')
  }
  return {
    name: 'timeSeriesSplit',
    folds,
    laws: { ordered: true },
    split({ name, rows }) {
      const size = testSize ?? Math.floor(rows / (folds + 1))
      const first = rows - folds * size
      if (size < 1 || first - gap < 1)
        throw fail(
          'FOLDS_IMPOSSIBLE',
          name,
          'timeSeriesSplit',
          `${rows} rows leave none to train on before ${folds} tests of ${Math.max(1, size)} rows${gap > 0 ? ` and a gap of ${gap}` : ''}`,
        )
      return Array.from({ length: folds }, (_, fold) => {
        const start = first + fold * size
        const end = start - gap
        return { train: range(Math.max(0, end - maxTrain), end), test: range(start, start + size) }
      })
    },
  }
}
