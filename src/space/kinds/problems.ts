/** What may be wrong with a dimension, in words that follow its name. */
import type { Value } from '../dimension.ts'

export function listProblem(values: readonly Value[]): string | undefined {
  if (!Array.isArray(values) || values.length === 0) return 'has no values; give at least one'
  // By index: a value may be undefined, where the compiler did not look.
  const odd = values.findIndex((value) => !isValue(value))
  if (odd >= 0) return `has the value ${String(values[odd])}; values are numbers, strings and booleans`
  const twice = values.findIndex((value, i) => values.indexOf(value) !== i)
  return twice < 0 ? undefined : `has the value ${values[twice]} twice`
}

export function rangeProblem(low: number, high: number, options: { whole?: boolean; positive?: boolean } = {}): string | undefined {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return `goes from ${low} to ${high}; both ends are finite numbers`
  if (options.whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    return `goes from ${low} to ${high}; both ends are whole numbers${Number.isInteger(low) && Number.isInteger(high) ? ' below 2^53' : ''}`
  if (low > high) return `goes from ${low} down to ${high}; the lower end comes first`
  if (low === high && !options.whole) return `goes from ${low} to ${high}, which is one value; use space.fixed(${low})`
  if (options.positive && low <= 0) return `goes from ${low}, but a logarithmic range begins above 0`
  if (!(options.whole ? Number.isSafeInteger(high - low + 1) : Number.isFinite(high - low)))
    return `goes from ${low} to ${high}, which is too far for the numbers of a computer`
  return undefined
}

/** Whether something may stand in a config. */
export function isValue(value: unknown): value is Value {
  return ['number', 'string', 'boolean'].includes(typeof value) && !Number.isNaN(value)
}
