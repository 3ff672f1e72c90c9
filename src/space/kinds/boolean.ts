import type { DimensionOf, Kind } from '../dimension.ts'

/** Yes or no. */
export const boolean: Kind<DimensionOf<'boolean'>> = {
  problem: () => undefined,
  contains: (_, value) => typeof value === 'boolean',
  points: () => [false, true],
  ordered: false,
  fromUnit: (_, u) => u >= 0.5,
  toUnit: (_, value) => (value === true ? 0.75 : 0.25),
}
