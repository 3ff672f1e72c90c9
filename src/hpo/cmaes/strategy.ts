/** The mathematics of CMA-ES: a normal distribution that moves towards the better of the points told. */
import type { Random } from '../../core/random.ts'
import { symmetricEigen } from '../linear/eigen.ts'

export interface Strategy {
  /** How many points make a generation. */
  readonly lambda: number
  readonly generation: number
  readonly mean: Float64Array
  /** The standard deviation along coordinate i. */
  deviation(i: number): number
  draw(chance: Random): Float64Array
  /** Takes lambda points, best first; `flat` tells that most were equally good. */
  update(ranked: readonly Float64Array[], flat: boolean): void
  /** Makes the deviation along a coordinate no smaller than this. */
  widen(i: number, least: number): void
  /** Weights of the better half, best first; they sum to 1. */
  readonly weights: Float64Array
  /** How much one generation changes what was learnt. */
  readonly rate: number
}

/** Points further out than this many times the usual are drawn nearer (N. Hansen: Injecting external solutions into CMA-ES, 2011). */
const farthest = (n: number) => Math.sqrt(n) + (2 * n) / (n + 2)

/**
 * CMA-ES with active covariance update; names and constants as in N. Hansen: The CMA evolution strategy, a tutorial (2016), table 1.
 * Two things differ, because points come from many workers and are not always of the present distribution: a point further
 * out than any it would draw is drawn nearer, and the step grows at most by e at once.
 */
export function createStrategy(begin: Float64Array, step: number, lambda: number): Strategy {
  const n = begin.length
  const { mu, weights, muEff, cSigma, dSigma, cC, c1, cMu } = constantsOf(n, lambda)
  const chiN = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
  const mean = Float64Array.from(begin)
  const covariance = new Float64Array(n * n).map((_, at) => (Math.floor(at / n) === at % n ? 1 : 0))
  const pathSigma = new Float64Array(n)
  const pathC = new Float64Array(n)
  let sigma = step
  let generation = 0
  let { axes, lengths } = axesOf(covariance, n)

  /** C^(-1/2) y. */
  const whiten = (y: Float64Array) => {
    const along = new Float64Array(n)
    for (let j = 0; j < n; j++) {
      let dot = 0
      for (let i = 0; i < n; i++) dot += axes[i * n + j]! * y[i]!
      along[j] = dot / lengths[j]!
    }
    return y.map((_, i) => along.reduce((sum, x, j) => sum + axes[i * n + j]! * x, 0))
  }

  return {
    lambda,
    mean,
    weights: weights.slice(0, mu),
    rate: c1 + cMu,
    get generation() {
      return generation
    },
    deviation: (i) => sigma * Math.sqrt(covariance[i * n + i]!),
    draw(chance) {
      const z = lengths.map((length) => length * chance.normal())
      return mean.map((m, i) => m + sigma * z.reduce((sum, x, j) => sum + axes[i * n + j]! * x, 0))
    },
    widen(i, least) {
      const factor = least / (sigma * Math.sqrt(covariance[i * n + i]!))
      if (!(factor > 1)) return
      for (let k = 0; k < n; k++) {
        covariance[i * n + k]! *= factor
        covariance[k * n + i]! *= factor
      }
      ;({ axes, lengths } = axesOf(covariance, n))
    },
    update(ranked, flat) {
      const steps = ranked.map((x) => {
        const y = x.map((value, i) => (value - mean[i]!) / sigma)
        const distance = norm(whiten(y))
        const factor = Math.min(1, farthest(n) / distance)
        return { y: factor < 1 ? y.map((value) => value * factor) : y, distance: Math.min(distance, farthest(n)) }
      })
      const middle = new Float64Array(n)
      for (let k = 0; k < mu; k++) for (let i = 0; i < n; i++) middle[i]! += weights[k]! * steps[k]!.y[i]!
      for (let i = 0; i < n; i++) mean[i]! += sigma * middle[i]!

      const white = whiten(middle)
      for (let i = 0; i < n; i++) pathSigma[i] = (1 - cSigma) * pathSigma[i]! + Math.sqrt(cSigma * (2 - cSigma) * muEff) * white[i]!
      const length = norm(pathSigma)
      const usual = Math.sqrt(1 - (1 - cSigma) ** (2 * (generation + 1))) * (1.4 + 2 / (n + 1)) * chiN
      const goesOn = length < usual ? 1 : 0
      for (let i = 0; i < n; i++) pathC[i] = (1 - cC) * pathC[i]! + goesOn * Math.sqrt(cC * (2 - cC) * muEff) * middle[i]!

      const sum = weights.reduce((total, w) => total + w, 0)
      const keep = 1 + c1 * (1 - goesOn) * cC * (2 - cC) - c1 - cMu * sum
      const scales = steps.map(({ distance }, k) => (weights[k]! >= 0 ? weights[k]! : (weights[k]! * n) / Math.max(distance ** 2, 1e-300)))
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let rankMu = 0
          for (const [k, { y }] of steps.entries()) rankMu += scales[k]! * y[i]! * y[j]!
          const entry = keep * covariance[i * n + j]! + c1 * pathC[i]! * pathC[j]! + cMu * rankMu
          covariance[i * n + j] = entry
          covariance[j * n + i] = entry
        }
      }
      sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (length / chiN - 1)))
      // Nothing can be learnt from points that are all alike: look further away.
      if (flat) sigma *= Math.exp(0.2 + cSigma / dSigma)
      generation++
      ;({ axes, lengths } = axesOf(covariance, n))
    },
  }
}

function constantsOf(n: number, lambda: number) {
  const raw = Float64Array.from({ length: lambda }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1))
  const mu = Math.floor(lambda / 2)
  const effective = (some: Float64Array) => some.reduce((a, w) => a + w, 0) ** 2 / some.reduce((a, w) => a + w * w, 0)
  const muEff = effective(raw.slice(0, mu))
  const cSigma = (muEff + 2) / (n + muEff + 5)
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma
  const cC = (4 + muEff / n) / (n + 4 + (2 * muEff) / n)
  const c1 = 2 / ((n + 1.3) ** 2 + muEff)
  const cMu = Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff))
  const muEffNegative = effective(raw.slice(mu))
  const negative = Math.min(1 + c1 / cMu, 1 + (2 * muEffNegative) / (muEff + 2), (1 - c1 - cMu) / (n * cMu))
  const plus = raw.reduce((a, w) => a + Math.max(w, 0), 0)
  const minus = raw.reduce((a, w) => a - Math.min(w, 0), 0)
  const weights = raw.map((w) => (w >= 0 ? w / plus : (w / minus) * negative))
  return { mu, weights, muEff, cSigma, dSigma, cC, c1, cMu }
}

/** Its axes, and their lengths: not below what rounding leaves. */
function axesOf(covariance: Float64Array, n: number): { axes: Float64Array; lengths: Float64Array } {
  const { values, vectors } = symmetricEigen(covariance, n)
  const longest = values.reduce((a, b) => Math.max(a, b), 0)
  return { axes: vectors, lengths: values.map((value) => Math.sqrt(Math.max(value, longest * 1e-30))) }
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0))
}
