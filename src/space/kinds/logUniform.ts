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
  toUnit: ({ low, high }, value) => (Math.log(value as number) - Math.log(low)) / (Math.log(high) - Math.log(low)),
}
