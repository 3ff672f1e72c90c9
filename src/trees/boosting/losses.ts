/** Losses: where scores begin, how good they are, what a leaf is worth. */
import type { Task } from '../../estimator/index.ts'
import type { Link } from '../ensemble.ts'

export interface Loss {
  readonly link: Link
  /** Scores before the first tree: those of the best constant. */
  base(y: Float64Array, w: Float64Array, width: number): Float64Array
  /** Mean loss of rows from .. to-1; scores begin at `at` and lie `stride` apart, a column each. */
  mean(scores: Float64Array, at: number, stride: number, y: Float64Array, w: Float64Array, from: number, to: number): number
  /** Whether the sizes of gradients are known before: weights, and a quarter of them. */
  readonly bounded: boolean
  /** What a leaf is worth by its rows' residuals, where that is not minus gradients / hessians. */
  readonly leaf?: (residuals: Float64Array, w: Float64Array) => number
  /** What targets must be; undefined: anything. */
  readonly target?: { readonly holds: (y: number) => boolean; readonly want: string }
}

export const classifierLosses = ['logLoss'] as const
export const regressorLosses = ['squaredError', 'absoluteError', 'gamma', 'poisson', 'quantile'] as const

export function lossOf(task: Task, name: string, width: number, quantile: number): Loss {
  if (task === 'classification') return width === 1 ? logistic : softmax
  switch (name) {
    case 'absoluteError':
      return quantiles(0.5, (score, y) => Math.abs(score - y))
    case 'quantile':
      return quantiles(quantile, (score, y) => (y >= score ? quantile * (y - score) : (1 - quantile) * (score - y)))
    case 'poisson':
      return positive((score, y) => Math.exp(score) - y * score, { holds: (y) => y >= 0, want: 'at least 0 with the loss poisson' })
    case 'gamma':
      return positive((score, y) => score + y * Math.exp(-score), { holds: (y) => y > 0, want: 'more than 0 with the loss gamma' })
    default:
      return {
        link: 'identity',
        base: (y, w) => Float64Array.of(meanOf(y, w)),
        mean: pointwise((score, y) => (score - y) ** 2 / 2),
        bounded: false,
      }
  }
}

const least = 1e-15

const logistic: Loss = {
  link: 'logistic',
  bounded: true,
  base(y, w) {
    const p = Math.min(Math.max(meanOf(y, w), least), 1 - least)
    return Float64Array.of(Math.log(p / (1 - p)))
  },
  mean: pointwise((score, y) => Math.max(score, 0) - y * score + Math.log1p(Math.exp(-Math.abs(score)))),
}

const softmax: Loss = {
  link: 'softmax',
  bounded: true,
  base(y, w, width) {
    const shares = new Float64Array(width)
    let sum = 0
    for (let row = 0; row < y.length; row++) {
      ;(shares[y[row] as number] as number) += w[row] as number
      sum += w[row] as number
    }
    const logs = shares.map((share) => Math.log(Math.max(share / sum, least)))
    const mean = logs.reduce((a, b) => a + b, 0) / width
    return logs.map((log) => log - mean)
  },
  mean(scores, at, stride, y, w, from, to) {
    const width = Math.round((scores.length - at) / stride)
    return weighted(w, from, to, (row) => {
      let most = Number.NEGATIVE_INFINITY
      for (let k = 0; k < width; k++) most = Math.max(most, scores[at + k * stride + row] as number)
      let sum = 0
      for (let k = 0; k < width; k++) sum += Math.exp((scores[at + k * stride + row] as number) - most)
      return most + Math.log(sum) - (scores[at + (y[row] as number) * stride + row] as number)
    })
  },
}

function quantiles(q: number, at: (score: number, y: number) => number): Loss {
  return {
    link: 'identity',
    bounded: false,
    base: (y, w) => Float64Array.of(quantileOf(y, w, q)),
    mean: pointwise(at),
    leaf: (residuals, w) => quantileOf(residuals, w, q),
  }
}

function positive(at: (score: number, y: number) => number, target: Loss['target']): Loss {
  return {
    link: 'exp',
    bounded: false,
    base: (y, w) => Float64Array.of(Math.log(Math.max(meanOf(y, w), least))),
    mean: pointwise(at),
    ...(target && { target }),
  }
}

function pointwise(at: (score: number, y: number) => number): Loss['mean'] {
  return (scores, begin, _stride, y, w, from, to) => weighted(w, from, to, (row) => at(scores[begin + row] as number, y[row] as number))
}

function weighted(w: Float64Array, from: number, to: number, at: (row: number) => number): number {
  let [sum, weight] = [0, 0]
  for (let row = from; row < to; row++) {
    sum += (w[row] as number) * at(row)
    weight += w[row] as number
  }
  return sum / weight
}

function meanOf(y: Float64Array, w: Float64Array): number {
  let [sum, weight] = [0, 0]
  for (let row = 0; row < y.length; row++) {
    sum += (y[row] as number) * (w[row] as number)
    weight += w[row] as number
  }
  return sum / weight
}

/** The value below which a share q of the weight lies; the middle between two where the share is exactly reached. */
export function quantileOf(values: Float64Array, w: Float64Array, q: number): number {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] as number) - (values[b] as number))
  const all = order.reduce((sum, k) => sum + (w[k] as number), 0)
  let sum = 0
  for (const [place, k] of order.entries()) {
    sum += w[k] as number
    if (sum > q * all) return values[k] as number
    if (sum === q * all) return ((values[k] as number) + (values[order[place + 1] ?? k] as number)) / 2
  }
  return values[order.at(-1) as number] as number
}
