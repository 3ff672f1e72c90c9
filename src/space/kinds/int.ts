import { cellOf, type DimensionOf, type Kind, listed } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A whole number, both ends included. */
export const int: Kind<DimensionOf<'int'>> = {
  problem: ({ low, high }) => rangeProblem(low, high, { whole: true }),
  contains: ({ low, high }, value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
  points: ({ low, high }) => listed(high - low + 1, (i) => low + i),
  ordered: true,
  fromUnit: ({ low, high }, u) => low + cellOf(u, high - low + 1),
  toUnit: ({ low, high }, value) => ((value as number) - low + 0.5) / (high - low + 1),
}
