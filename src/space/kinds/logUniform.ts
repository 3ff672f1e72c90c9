import type { DimensionOf, Kind } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A number between two others whose logarithm is uniform: each power of ten is as likely as the next. */
export const logUniform: Kind<DimensionOf<'logUniform'>> = {
  problem: ({ low, high }) => rangeProblem(low, high, { positive: true }),
  contains: ({ low, high }, value) => typeof value === 'number' && value >= low && value <= high,
  points: () => undefined,
  ordered: true,
  fromUnit: ({ low, high }, u) => Math.min(high, Math.max(low, low * (high / low) ** u)),
  toUnit: ({ low, high }, value) => Math.log((value as number) / low) / Math.log(high / low),
}
