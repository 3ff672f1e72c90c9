/** A Gaussian process that knows some losses. */
import { appendRow, cholesky, type Lower, solveLower, solveLowerFour, solveUpper } from '../linear/cholesky.ts'
import { covariance, type Hyper, type Lists, squaredDistance } from './kernel.ts'

export interface Prediction {
  readonly mean: number
  /** Of the loss without noise. */
  readonly variance: number
}

export interface Process {
  /** The lowest mean at any point whose loss is known: where there is noise, not the luckiest loss. */
  readonly lowest: number
  /** At many points: several times faster than one by one. */
  predict(points: readonly Float64Array[]): Prediction[]
  /** Means, and variances that are surely not exceeded, for a fraction of the work. */
  bounds(points: readonly Float64Array[]): Prediction[]
  /** With the derivatives by each axis; 0 of one without an order. */
  gradient(x: Float64Array): Prediction & { readonly byMean: Float64Array; readonly byVariance: Float64Array }
}

/** Points and the factor of their covariances: all of a process that does not depend on losses. */
export interface Geometry {
  readonly points: readonly Float64Array[]
  readonly factor: Lower
  readonly hyper: Hyper
  readonly lists: Lists
  /** What was added to the diagonal because rounding made the matrix indefinite. */
  readonly jitter: number
}

const firstJitter = 1e-10

/** Room for more points is left, which `extended` takes. */
export function geometry(points: readonly Float64Array[], hyper: Hyper, lists: Lists, jitter = 0): Geometry {
  const count = points.length
  const inverses = hyper.lengths.map((length) => 1 / length)
  const stride = count + 8 + (count >> 3)
  const matrix = new Float64Array(count * stride)
  for (let i = 0; i < count; i++) covariances(points, i, points[i]!, hyper, inverses, lists, matrix, i * stride)
  for (let i = 0; i < count; i++) matrix[i * stride + i] = hyper.variance + hyper.noise + jitter
  const factor = cholesky(matrix, count, stride)
  if (factor === undefined) return geometry(points, hyper, lists, Math.max(firstJitter * hyper.variance, 10 * jitter))
  const room = new Float64Array(stride * stride)
  room.set(factor.values)
  return { points, factor: { ...factor, values: room }, hyper, lists, jitter }
}

/** The same, to the bit, as the geometry of all points at once. The factor's room is used: of one geometry only one may be extended. */
export function extended(from: Geometry, more: readonly Float64Array[]): Geometry {
  const { hyper, lists, jitter } = from
  const inverses = hyper.lengths.map((length) => 1 / length)
  let { points, factor } = from
  for (const x of more) {
    const row = new Float64Array(points.length + 1)
    covariances(points, points.length, x, hyper, inverses, lists, row, 0)
    row[points.length] = hyper.variance + hyper.noise + jitter
    const next = appendRow(factor, row)
    if (next === undefined) return geometry([...from.points, ...more], hyper, lists, Math.max(firstJitter * hyper.variance, 10 * jitter))
    factor = next
    points = [...points, x]
  }
  return { points, factor, hyper, lists, jitter }
}

/**
 * The process given the losses of the first points, and at the others, which are pending, just what it predicts there (the
 * "kriging believer"): means stay as they are, and variances shrink.
 */
export function processOf({ points, factor, hyper, lists, jitter }: Geometry, losses: Float64Array): Process {
  const count = points.length
  const known = losses.length
  const dims = lists.length
  const { variance } = hyper
  const inverses = hyper.lengths.map((length) => 1 / length)
  const first = { ...factor, size: known }
  const alpha = solveUpper(first, solveLower(first, losses.slice()))
  const rows = new Float64Array(count * dims)
  for (const [i, x] of points.entries()) rows.set(x, i * dims)
  // What is added to the diagonal, times alpha, is what the mean leaves of a loss.
  let lowest = Number.POSITIVE_INFINITY
  for (let i = 0; i < known; i++) lowest = Math.min(lowest, losses[i]! - (hyper.noise + jitter) * alpha[i]!)
  const k = new Float64Array(count)
  // Minus twice the derivative of k by the squared distance: (5 / 3) v (1 + a) e^-a.
  const steepness = new Float64Array(count)

  /** Fills both for a point; returns the mean. */
  function look(x: Float64Array): number {
    let mean = 0
    for (let i = 0; i < count; i++) {
      const a = Math.sqrt(5 * squaredDistance(rows, i, x, inverses, lists))
      const falling = variance * Math.exp(-a)
      const value = falling * (1 + a + (a * a) / 3)
      k[i] = value
      steepness[i] = (5 / 3) * falling * (1 + a)
      if (i < known) mean += value * alpha[i]!
    }
    return mean
  }

  return {
    lowest,
    predict(all) {
      const predictions: Prediction[] = []
      const four = new Float64Array(4 * count)
      for (let from = 0; from < all.length; from += 4) {
        const means: number[] = []
        for (let b = 0; b < Math.min(4, all.length - from); b++) {
          means.push(look(all[from + b]!))
          for (let i = 0, at = b; i < count; i++, at += 4) four[at] = k[i]!
        }
        solveLowerFour(factor, four)
        for (const [b, mean] of means.entries()) {
          let explained = 0
          for (let at = b; at < four.length; at += 4) explained += four[at]! * four[at]!
          predictions.push({ mean, variance: Math.max(0, variance - explained) })
        }
      }
      return predictions
    },

    bounds(all) {
      return all.map((x) => {
        const mean = look(x)
        let nearest = 0
        for (let i = 0; i < count; i++) if (k[i]! > nearest) nearest = k[i]!
        // What the nearest point alone explains.
        return { mean, variance: variance - (nearest * nearest) / (variance + hyper.noise + jitter) }
      })
    },

    gradient(x) {
      const mean = look(x)
      const v = solveLower(factor, k.slice())
      let rest = variance
      for (let i = 0; i < count; i++) rest -= v[i]! * v[i]!
      solveUpper(factor, v)
      const byMean = new Float64Array(dims)
      const byVariance = new Float64Array(dims)
      for (let i = 0; i < count; i++) {
        const steep = steepness[i]!
        const forMean = i < known ? steep * alpha[i]! : 0
        const forVariance = -2 * steep * v[i]!
        for (let d = 0, at = i * dims; d < dims; d++, at++) {
          const away = rows[at]! - x[d]!
          byMean[d] = byMean[d]! + forMean * away
          byVariance[d] = byVariance[d]! + forVariance * away
        }
      }
      for (let d = 0; d < dims; d++) {
        const scale = lists[d] ? 0 : inverses[d]! * inverses[d]!
        byMean[d] = byMean[d]! * scale
        byVariance[d] = byVariance[d]! * scale
      }
      return { mean, variance: Math.max(0, rest), byMean, byVariance }
    },
  }
}

/** Of a point with the first `count` points. */
function covariances(
  points: readonly Float64Array[],
  count: number,
  x: Float64Array,
  { variance }: Hyper,
  inverses: Float64Array,
  lists: Lists,
  into: Float64Array,
  at: number,
): void {
  for (let j = 0; j < count; j++) into[at + j] = covariance(variance, squaredDistance(points[j]!, 0, x, inverses, lists))
}
