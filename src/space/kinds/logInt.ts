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
    const from = low - 0.5
    return Math.min(high, Math.max(low, low + Math.round(from * Math.expm1(u * Math.log1p((high - low + 1) / from)) - 0.5)))
  },
  // By distances from the lower end: quotients of numbers near 2^53 have no digits left in which their neighbours differ.
  toUnit: ({ low, high }, value) => {
    const from = low - 0.5
    return Math.log1p(((value as number) - low + 0.5) / from) / Math.log1p((high - low + 1) / from)
  },
}
