/** Which lengths, variance and noise explain losses best. */
import { cholesky, inverse, logDeterminant, solveLower, solveUpper } from '../linear/cholesky.ts'
import { minimize } from '../linear/lbfgs.ts'
import type { Hyper, Lists } from './kernel.ts'

/** Points in rows, one loss each; losses have about mean 0 and deviation 1. */
export interface Sample {
  readonly count: number
  readonly rows: Float64Array
  readonly losses: Float64Array
  readonly lists: Lists
}

export const tune = {
  lengthMean: 0.5,
  lengthDim: 0.5,
  lengthDev: 1.2,
  noiseMean: -9,
  noiseDev: 2,
  varMean: 0,
  varDev: 1,
  minNoise: 1e-8,
  maxNoise: 1,
}

/** Where they are looked for: logarithms of lengths, variance and noise. */
const lengthsBetween = [Math.log(0.01), Math.log(100)] as const
const varianceBetween = [Math.log(0.01), Math.log(100)] as const

/**
 * The most likely hyperparameters, given the losses and what is believed before: lengths, variance and noise are log-normal.
 * The likelihood's maximum by L-BFGS on their logarithms.
 */
export function fit(sample: Sample, starts?: readonly Float64Array[]): Hyper {
  const dims = sample.lists.length
  const lower = [...Array(dims).fill(lengthsBetween[0]), varianceBetween[0], Math.log(tune.minNoise)]
  const upper = [...Array(dims).fill(lengthsBetween[1]), varianceBetween[1], Math.log(tune.maxNoise)]
  const posterior = negativeLogPosterior(sample)
  const first = Float64Array.from([...Array(dims).fill(-0.5), 0, tune.noiseMean])
  let best: { x: Float64Array; value: number } | undefined
  for (const start of starts ?? [first]) {
    const found = minimize(posterior, start, { lower, upper, tolerance: 1e-2, iterations: 40 })
    if (best === undefined || found.value < best.value) best = found
  }
  return hyperOf(best!.x)
}

export function hyperOf(logs: ArrayLike<number>): Hyper {
  const dims = logs.length - 2
  return {
    lengths: Float64Array.from({ length: dims }, (_, d) => Math.exp(logs[d]!)),
    variance: Math.exp(logs[dims]!),
    noise: Math.exp(logs[dims + 1]!),
  }
}

/**
 * -ln p(losses | hyper) - ln p(hyper), but for constants, as a function of the logarithms of the lengths, the variance and the
 * noise, with its gradient. Infinity where the matrix is not positive definite.
 */
export function negativeLogPosterior(sample: Sample): (logs: Float64Array, gradient: Float64Array) => number {
  const likelihood = negativeLogLikelihood(sample)
  const dims = sample.lists.length
  const means = [...Array(dims).fill(tune.lengthMean - 1 + tune.lengthDim * Math.log(dims)), tune.varMean, tune.noiseMean]
  const devs = [...Array(dims).fill(tune.lengthDev), tune.varDev, tune.noiseDev]
  return (logs, gradient) => {
    let value = likelihood(logs, gradient)
    for (let i = 0; i < logs.length; i++) {
      const z = (logs[i]! - means[i]!) / devs[i]!
      value += (z * z) / 2
      gradient[i] = gradient[i]! + z / devs[i]!
    }
    return value
  }
}

/** Squared differences of all pairs of points, once for all values of the hyperparameters. */
function pairsOf({ count, rows, lists }: Sample): Float64Array {
  const dims = lists.length
  const squares = new Float64Array(((count * (count - 1)) / 2) * dims)
  let at = 0
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) {
      for (let d = 0; d < dims; d++) {
        const difference = rows[i * dims + d]! - rows[j * dims + d]!
        squares[at++] = lists[d] ? (difference === 0 ? 0 : 1) : difference * difference
      }
    }
  }
  return squares
}

export function negativeLogLikelihood(sample: Sample): (logs: Float64Array, gradient: Float64Array) => number {
  const { count, losses, lists } = sample
  const dims = lists.length
  const squares = pairsOf(sample)
  const matrix = new Float64Array(count * count)
  const steep = new Float64Array((count * (count - 1)) / 2)

  return (logs, gradient) => {
    const inverseSquares = Float64Array.from({ length: dims }, (_, d) => Math.exp(-2 * logs[d]!))
    const variance = Math.exp(logs[dims]!)
    const noise = Math.exp(logs[dims + 1]!)
    let at = 0
    let pair = 0
    for (let i = 0; i < count; i++) {
      const row = i * count
      for (let j = 0; j < i; j++) {
        let squared = 0
        for (let d = 0; d < dims; d++) squared += squares[at++]! * inverseSquares[d]!
        const a = Math.sqrt(5 * squared)
        const falling = variance * Math.exp(-a)
        matrix[row + j] = falling * (1 + a + (a * a) / 3)
        steep[pair++] = (5 / 3) * falling * (1 + a)
      }
      matrix[row + i] = variance + noise
    }
    const factor = cholesky(matrix, count)
    gradient.fill(0)
    if (factor === undefined) return Number.POSITIVE_INFINITY
    const alpha = solveUpper(factor, solveLower(factor, losses.slice()))
    const inverted = inverse(factor)

    let trace = 0
    let quadratic = 0
    let length = 0
    for (let i = 0; i < count; i++) {
      trace += inverted[i * count + i]!
      quadratic += losses[i]! * alpha[i]!
      length += alpha[i]! * alpha[i]!
    }
    at = 0
    pair = 0
    for (let i = 1; i < count; i++) {
      for (let j = 0; j < i; j++) {
        const weight = (inverted[i * count + j]! - alpha[i]! * alpha[j]!) * steep[pair++]!
        for (let d = 0; d < dims; d++) gradient[d] = gradient[d]! + weight * squares[at++]!
      }
    }
    for (let d = 0; d < dims; d++) gradient[d] = gradient[d]! * inverseSquares[d]!
    const ofNoise = (noise * (trace - length)) / 2
    gradient[dims + 1] = ofNoise
    gradient[dims] = (count - quadratic) / 2 - ofNoise
    return quadratic / 2 + logDeterminant(factor) / 2
  }
}
