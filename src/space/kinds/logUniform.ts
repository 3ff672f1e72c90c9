import type { DimensionOf, Kind } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A number between two others whose logarithm is uniform: each power of ten is as likely as the next. */
export const logUniform: Kind<DimensionOf<'logUniform'>> = {
  problem: ({ low, high }) => rangeProblem(low, high, { positive: true }),
  contains: ({ low, high }, value) => typeof value === 'number' && value >= low && value <= high,
  points: () => undefined,
  ordered: true,
  // As a product of powers: no quotient that overflows, the ends exact, and 0.01 halfway from 0.0001 to 1.
  fromUnit: ({ low, high }, u) => Math.min(high, Math.max(low, low ** (1 - u) * high ** u)),
  toUnit: ({ low, high }, value) => logRatio(value as number, low) / logRatio(high, low),
}

/** ln of a / b, also where that overflows, or where the two differ in their last digits only and their logarithms in none. */
function logRatio(a: number, b: number): number {
  return a < 2 * b ? Math.log1p((a - b) / b) : Math.log(a) - Math.log(b)
}
