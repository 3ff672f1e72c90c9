import type { DimensionOf, Kind } from '../dimension.ts'
import { normalCdf, normalQuantile } from '../normal.ts'

/** So far out (in deviations) that it is drawn once in 10^15 times: u = 0 and u = 1 have a value too. */
const farthest = 8

/** A number that is normally distributed: without ends. */
export const normal: Kind<DimensionOf<'normal'>> = {
  problem: ({ mean, deviation }) =>
    !(Number.isFinite(mean) && Number.isFinite(deviation) && deviation > 0)
      ? `has the mean ${mean} and the deviation ${deviation}; both are finite, the deviation above 0`
      : Number.isFinite(Math.abs(mean) + farthest * deviation)
        ? undefined
        : `has the mean ${mean} and the deviation ${deviation}, which is too far for the numbers of a computer`,
  contains: (_, value) => typeof value === 'number' && Number.isFinite(value),
  points: () => undefined,
  ordered: true,
  fromUnit: ({ mean, deviation }, u) => mean + deviation * Math.min(farthest, Math.max(-farthest, normalQuantile(u))),
  toUnit: ({ mean, deviation }, value) => normalCdf(((value as number) - mean) / deviation),
}
