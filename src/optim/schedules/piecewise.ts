import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { notNegative } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/**
 * One rate up to each boundary (a step), the next from there on; one rate more than boundaries.
 *
 * @example `optim.schedules.piecewise({ boundaries: [1000, 2000], rates: [0.1, 0.01, 0.001] })`
 */
export function piecewise(options: { readonly boundaries: readonly number[]; readonly rates: readonly number[] }): Schedule {
  const what = "schedule 'piecewise'"
  checkOptions(what, options, ['boundaries', 'rates'])
  const { boundaries, rates } = options
  if (!boundaries.every((boundary, i) => Number.isInteger(boundary) && boundary > (boundaries[i - 1] ?? 0))) {
    throw fail('BAD_OPTION', what, 'boundaries', `[${boundaries.join(', ')}]`, 'rising whole numbers above 0')
  }
  if (rates.length !== boundaries.length + 1) {
    throw fail('BAD_OPTION', what, 'rates', `[${rates.join(', ')}]`, `${boundaries.length + 1} rates, one more than boundaries`)
  }
  for (const rate of rates) notNegative(what, 'rates', rate)
  return { kind: 'piecewise', at: (now) => rates[boundaries.filter((boundary) => boundary <= now).length] as number }
}
