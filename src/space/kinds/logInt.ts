import { type DimensionOf, type Kind, listed } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/**
 * A whole number on a logarithmic scale, both ends included. Each n owns what lies between n - 1/2 and n + 1/2 on that scale.
 */
export const logInt: Kind<DimensionOf<'logInt'>> = {
  problem: ({ low, high }) => rangeProblem(low, high, { whole: true, positive: true }),
  contains: ({ low, high }, value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
  points: ({ low, high }) => listed(high - low + 1, (i) => low + i),
  ordered: true,
  fromUnit: ({ low, high }, u) => {
    const [from, to] = [low - 0.5, high + 0.5]
    return Math.min(high, Math.max(low, Math.round(from * (to / from) ** u)))
  },
  toUnit: ({ low, high }, value) => Math.log((value as number) / (low - 0.5)) / Math.log((high + 0.5) / (low - 0.5)),
}
