import type { DimensionOf, Kind } from '../dimension.ts'
import { isValue } from './problems.ts'

/** One value: a dimension that is not searched. */
export const fixed: Kind<DimensionOf<'fixed'>> = {
  problem: ({ value }) => (isValue(value) ? undefined : `is fixed at ${String(value)}; values are numbers, strings and booleans`),
  contains: ({ value: only }, value) => value === only,
  points: ({ value }) => [value],
  ordered: true,
  fromUnit: ({ value }) => value,
  toUnit: () => 0.5,
}
