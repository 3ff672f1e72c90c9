import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { between } from './checks.ts'
import { type DueOptions, due, dueOptions } from './due.ts'

export interface ThresholdOptions extends DueOptions {
  /** A trial that reports less is stopped. */
  readonly lower?: number
  /** A trial that reports more is stopped. */
  readonly upper?: number
}

/**
 * Stops a trial whose metric leaves bounds. They are the metric's own, whether it is maximized or minimized: an accuracy below
 * 0.2 after ten epochs, a loss above 50. A report that is not a number is out of bounds. At least one bound must be given.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.threshold({ lower: 0.2, warmupSteps: 10 })`
 */
export function threshold(options: ThresholdOptions = {}): Pruner {
  checkOptions('threshold', options, ['lower', 'upper', ...dueOptions])
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = options
  if (options.lower === undefined && options.upper === undefined) {
    throw fail('BAD_OPTION', 'threshold', 'lower', undefined, 'a number, unless upper is one')
  }
  between('threshold', 'lower', lower, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  between('threshold', 'upper', upper, lower, Number.POSITIVE_INFINITY)
  const isDue = due('threshold', options)
  return {
    name: 'threshold',
    begin({ directions }) {
      const sign = directions?.[0] === 'maximize' ? -1 : 1
      return {
        judge(trial) {
          const { loss } = trial.reports.at(-1)!
          if (!isDue(trial)) return 'go'
          const value = sign * loss
          return loss === Number.POSITIVE_INFINITY || value < lower || value > upper ? 'stop' : 'go'
        },
      }
    },
  }
}
