/** Losses as a Gaussian process can take them. */
import type { Rank } from '../rank.ts'

/**
 * What trials say, as numbers with mean 0 and deviation 1 that are about normal, whatever losses are: those far above the others
 * come nearer, so that what happens near the best is seen.
 *
 * A trial that was stopped is not believed to be better than the middle of those that finished: its loss is of less training. One
 * that failed is as bad as the worst that did not, and so is an infinite loss.
 */
export function standardLosses(ranks: readonly Rank[]): Float64Array {
  const finished = ranks.flatMap(({ group, loss }) => (group === 'finished' ? [loss] : []))
  const middle = finished.length === 0 ? Number.NEGATIVE_INFINITY : quantile(Float64Array.from(finished).sort(), 0.5)
  return warped(Float64Array.from(ranks, ({ group, loss }) => (group === 'stopped' ? Math.max(loss, middle) : loss)))
}

/**
 * Numbers made normal, by the power that makes them most likely to be, and standardized; all 0 where all are equal. Infinite ones count as
 * the largest or smallest of the others.
 *
 * I.-K. Yeo and R. Johnson, A New Family of Power Transformations (2000); for this use, A. Cowen-Rivers and others, HEBO (2022).
 */
export function warped(values: Float64Array): Float64Array {
  const finite = values.filter(Number.isFinite)
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (!(high > low)) return new Float64Array(values.length)
  // To [0, 1] first, by halves: numbers of 1e308 have squares and differences too.
  const range = high / 2 - low / 2
  const x = standardized(values.map((value) => (Math.min(high, Math.max(low, value)) / 2 - low / 2) / range))
  const [power] = powers.reduce<[number, number]>(
    (best, candidate) => {
      const likelihood = logLikelihood(x, candidate)
      return likelihood > best[1] ? [candidate, likelihood] : best
    },
    [1, Number.NEGATIVE_INFINITY],
  )
  return standardized(x.map((value) => yeoJohnson(value, power)))
}

/** 1 leaves numbers as they are, less draws in the largest, more the smallest. */
const powers = Array.from({ length: 61 }, (_, i) => (i - 30) / 10)

/** Convex or concave, rising everywhere, and about the identity near 0. */
export function yeoJohnson(x: number, power: number): number {
  if (x >= 0) return power === 0 ? Math.log1p(x) : ((1 + x) ** power - 1) / power
  return power === 2 ? -Math.log1p(-x) : -((1 - x) ** (2 - power) - 1) / (2 - power)
}

/** Of normal numbers with the most likely mean and deviation, but for constants. */
function logLikelihood(x: Float64Array, power: number): number {
  const y = x.map((value) => yeoJohnson(value, power))
  const jacobian = x.reduce((sum, value) => sum + Math.sign(value) * Math.log1p(Math.abs(value)), 0)
  return (-x.length / 2) * Math.log(varianceOf(y)) + (power - 1) * jacobian
}

function standardized(x: Float64Array): Float64Array {
  const mean = meanOf(x)
  const deviation = Math.sqrt(varianceOf(x))
  return x.map((value) => (deviation > 0 ? (value - mean) / deviation : 0))
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}

function varianceOf(x: Float64Array): number {
  const mean = meanOf(x)
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!
}
