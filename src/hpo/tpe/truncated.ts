/** Normal distributions cut to the unit interval. */
import { normalCdf, normalQuantile } from '../../space/index.ts'

const halfLogTau = 0.5 * Math.log(2 * Math.PI)
/** Beyond so many deviations there is less than 1e-15. */
const far = 8
/** Within so many deviations the density hardly changes: to 1e-10 of it, far out to 1e-8. */
const narrow = 1e-5

/** ln P(from < mean + deviation Z < to), also where both lie far out on one side. */
export function logMass(from: number, to: number, mean: number, deviation: number): number {
  const low = (from - mean) / deviation
  const high = (to - mean) / deviation
  if (low < -far && high > far) return 0
  // What is subtracted below would have its digits in common, or come out below zero.
  const width = (to - from) / deviation
  if (width < narrow) return Math.log(width) - ((low + high) / 2) ** 2 / 2 - halfLogTau
  // The smaller tail has the digits.
  const a = low > 0 ? -high : low
  const b = low > 0 ? -low : high
  const mass = normalCdf(b) - normalCdf(a)
  if (b > -30) return Math.log(mass)
  // So far out, what lies beyond z is the density there over -z (Mills' ratio); what lies beyond the farther end is not meant.
  const nearer = -(b * b) / 2 - halfLogTau - Math.log(-b)
  return Number.isFinite(a) ? nearer + Math.log1p(-Math.exp(((b - a) * (b + a)) / 2 + Math.log(b / a))) : nearer
}

/** ln of 1 / (deviation sqrt(2 pi) mass on [0, 1]): what the density of a cut normal with its mean in [0, 1] is multiplied by. */
export function logScale(mean: number, deviation: number): number {
  const below = mean / deviation
  const above = (1 - mean) / deviation
  const cut = (below < far ? normalCdf(-below) : 0) + (above < far ? normalCdf(-above) : 0)
  return -halfLogTau - Math.log(deviation * (1 - cut))
}

/** The value below which a share `p` of the cut distribution lies, in [0, 1]. */
export function quantile(p: number, mean: number, deviation: number): number {
  const [a, b] = [normalCdf(-mean / deviation), normalCdf((1 - mean) / deviation)]
  return Math.min(1, Math.max(0, mean + deviation * normalQuantile(a + p * (b - a))))
}
