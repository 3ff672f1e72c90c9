/** The Matern 5/2 kernel with one length for each axis (automatic relevance determination). */

/** What a process is made of; variances, not deviations. */
export interface Hyper {
  /** By axis: how far one must go until the loss is another; on the unit interval. */
  readonly lengths: Float64Array
  /** Of the loss. */
  readonly variance: number
  /** Of what two trials at one point would differ by. */
  readonly noise: number
}

/** Axes whose numbers are names: two either agree or differ by one. */
export type Lists = readonly boolean[]

/**
 * k(x, x') = v (1 + a + a^2 / 3) e^-a with a = sqrt(5) times the distance in lengths. Without an order, another value is at distance 1
 * of its length (a Hamming distance).
 */
export function covariance(variance: number, squared: number): number {
  const a = Math.sqrt(5 * squared)
  return variance * (1 + a + (a * a) / 3) * Math.exp(-a)
}

/** Squared distance in lengths between row i of `rows` and a point. */
export function squaredDistance(rows: Float64Array, i: number, x: Float64Array, inverses: Float64Array, lists: Lists): number {
  let sum = 0
  for (let d = 0, at = i * x.length; d < x.length; d++, at++) {
    const difference = rows[at]! - x[d]!
    const t = (lists[d] ? (difference === 0 ? 0 : 1) : difference) * inverses[d]!
    sum += t * t
  }
  return sum
}
