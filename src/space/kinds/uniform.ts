import type { DimensionOf, Kind } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A number between two others, all alike. */
export const uniform: Kind<DimensionOf<'uniform'>> = {
  problem: ({ low, high }) => rangeProblem(low, high),
  contains: ({ low, high }, value) => typeof value === 'number' && value >= low && value <= high,
  points: () => undefined,
  ordered: true,
  fromUnit: ({ low, high }, u) => Math.min(high, Math.max(low, low + (high - low) * u)),
  toUnit: ({ low, high }, value) => ((value as number) - low) / (high - low),
}
