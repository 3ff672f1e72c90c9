/** What may be wrong with a dimension, in words that follow its name. */
import type { Value } from '../dimension.ts'

export function listProblem(values: readonly Value[]): string | undefined {
  if (!Array.isArray(values) || values.length === 0) return 'has no values; give at least one'
  const odd = values.find((value) => !['number', 'string', 'boolean'].includes(typeof value) || Number.isNaN(value))
  if (odd !== undefined) return `has the value ${odd}; values are numbers, strings and booleans`
  const twice = values.find((value, i) => values.indexOf(value) !== i)
  return twice === undefined ? undefined : `has the value ${twice} twice`
}

export function rangeProblem(low: number, high: number, options: { whole?: boolean; positive?: boolean } = {}): string | undefined {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return `goes from ${low} to ${high}; both ends are finite numbers`
  if (options.whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    return `goes from ${low} to ${high}; both ends are whole numbers`
  if (low > high) return `goes from ${low} down to ${high}; the lower end comes first`
  if (low === high && !options.whole) return `goes from ${low} to ${high}, which is one value; use space.fixed(${low})`
  if (options.positive && low <= 0) return `goes from ${low}, but a logarithmic range begins above 0`
  return undefined
}
