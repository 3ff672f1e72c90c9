/** The loss of logistic regression as a smooth function of coefficients of standardized features. */
import type { Learnable } from '../estimator/index.ts'
import type { Place, Smooth } from './newton.ts'

export interface Loss extends Smooth {
  /** Labels that rows have, in their order; decision k is about labels[k], or a single one about the second of two. */
  readonly labels: readonly number[]
  /** Sum of the rows' weights. */
  readonly weight: number
  /** The same model, in coefficients of the features as they are. */
  original(place: Float64Array): { readonly coef: Float64Array; readonly intercept: Float64Array }
}

export interface LossOptions {
  readonly C: number
  /** Whether there are intercepts; features are centered then, which changes nothing but the speed. */
  readonly center: boolean
  readonly weights: ArrayLike<number> | undefined
}

/**
 * A place is, decision by decision, the coefficients of the standardized features and the intercept. Rows are read as they
 * are: what standardizing would do to them is done to the coefficients and to the sums instead.
 */
export function logLoss({ rows, features, x, y, width }: Learnable, { C, center, weights }: LossOptions): Loss {
  const size = features.length
  const seen = Array.from({ length: width }, (_, label) => label).filter((label) => y.includes(label))
  const decisions = width === 2 ? 1 : seen.length
  const wide = size + 1
  const weightOf = weights === undefined ? () => 1 : (row: number) => weights[row] as number
  const { mean, spread, weight } = standards(x, rows, size, center, weightOf)
  const targets = Int32Array.from(y, (label) => seen.indexOf(label))
  const penalty = Float64Array.from(spread, (one) => 1 / (one * one))
  const sums = new Float64Array(rows * decisions)
  const odds = new Float64Array(rows * decisions)
  const bent = new Float64Array(rows * decisions)

  const original = (place: Float64Array) => {
    const coef = new Float64Array(decisions * size)
    const intercept = new Float64Array(decisions)
    for (let k = 0; k < decisions; k++) {
      intercept[k] = center ? place[k * wide + size]! : 0
      for (let j = 0; j < size; j++) {
        const value = place[k * wide + j]! / spread[j]!
        coef[k * size + j] = value
        intercept[k] = intercept[k]! - value * mean[j]!
      }
    }
    return { coef, intercept }
  }

  /** Decisions of all rows. Features outside, decisions inside, so that zeros, of which one-hot rows are full, cost nothing. */
  const decide = (place: Float64Array, into: Float64Array) => {
    const { coef, intercept } = original(place)
    const across = new Float64Array(size * decisions)
    for (let j = 0; j < size; j++) for (let k = 0; k < decisions; k++) across[j * decisions + k] = coef[k * size + j]!
    for (let row = 0; row < rows; row++) {
      const to = row * decisions
      for (let k = 0; k < decisions; k++) into[to + k] = intercept[k]!
      for (let j = 0, at = row * size; j < size; j++, at++) {
        const value = x[at]!
        if (value === 0) continue
        for (let k = 0, from = j * decisions; k < decisions; k++, from++) into[to + k] = into[to + k]! + value * across[from]!
      }
    }
  }

  /** The other way: from a number for each row and decision to one for each coefficient, and the penalty's share of a place. */
  const gather = (of: Float64Array, place: Float64Array): Float64Array => {
    const across = new Float64Array(wide * decisions)
    for (let row = 0; row < rows; row++) {
      const from = row * decisions
      for (let j = 0, at = row * size; j <= size; j++, at++) {
        const value = j < size ? x[at]! : 1
        if (value === 0) continue
        for (let k = 0, to = j * decisions; k < decisions; k++, to++) across[to] = across[to]! + value * of[from + k]!
      }
    }
    const gathered = new Float64Array(decisions * wide)
    for (let j = 0; j <= size; j++) for (let k = 0; k < decisions; k++) gathered[k * wide + j] = across[j * decisions + k]!
    for (let k = 0; k < decisions; k++) {
      const total = gathered[k * wide + size]!
      for (let j = 0, at = k * wide; j < size; j++, at++)
        gathered[at] = (C * (gathered[at]! - mean[j]! * total)) / spread[j]! + place[at]! * penalty[j]!
      gathered[k * wide + size] = center ? C * total : 0
    }
    return gathered
  }

  const lossOf = (place: Float64Array): number => {
    decide(place, sums)
    let loss = 0
    for (let row = 0; row < rows; row++) loss += weightOf(row) * rowLoss(sums, row * decisions, decisions, targets[row]!)
    let penalized = 0
    for (let k = 0; k < decisions; k++) for (let j = 0; j < size; j++) penalized += place[k * wide + j]! ** 2 * penalty[j]!
    return C * loss + penalized / 2
  }

  return {
    size: decisions * wide,
    labels: seen,
    weight,
    original,
    value: lossOf,
    at(place): Place {
      const value = lossOf(place)
      const bends = new Float64Array(decisions)
      for (let row = 0; row < rows; row++) {
        const [from, target, w] = [row * decisions, targets[row]!, weightOf(row)]
        probabilities(sums, odds, from, decisions)
        for (let k = 0; k < decisions; k++) {
          const p = odds[from + k]!
          const hit = decisions === 1 ? target : Number(target === k)
          bent[from + k] = w * (p - hit)
          bends[k] = bends[k]! + w * p * (1 - p)
        }
      }
      const gradient = gather(bent, place)
      const diagonal = Float64Array.from(gradient, (_, at) => {
        const j = at % wide
        // Rows of one label only leave nothing to bend; a little keeps the division safe.
        return C * (bends[Math.floor(at / wide)]! + 1e-12 * weight) + (j < size ? penalty[j]! : 0)
      })
      const curve = (direction: Float64Array) => {
        decide(direction, bent)
        for (let row = 0; row < rows; row++) {
          const [from, w] = [row * decisions, weightOf(row)]
          let middle = 0
          if (decisions === 1) middle = odds[from]! * bent[from]!
          else for (let k = 0; k < decisions; k++) middle += odds[from + k]! * bent[from + k]!
          for (let k = 0; k < decisions; k++) bent[from + k] = w * odds[from + k]! * (bent[from + k]! - middle)
        }
        return gather(bent, direction)
      }
      return { value, gradient, diagonal, curve }
    },
  }
}

/** Mean and standard deviation of each column; 1 where a column never changes. Without centering, the size instead of the deviation. */
function standards(x: Float32Array, rows: number, size: number, center: boolean, weightOf: (row: number) => number) {
  const mean = new Float64Array(size)
  const spread = new Float64Array(size)
  let weight = 0
  for (let row = 0; row < rows; row++) {
    const w = weightOf(row)
    weight += w
    if (center) for (let j = 0; j < size; j++) mean[j] = mean[j]! + w * x[row * size + j]!
  }
  for (let j = 0; j < size; j++) mean[j] = mean[j]! / weight
  for (let row = 0; row < rows; row++) {
    const w = weightOf(row)
    for (let j = 0; j < size; j++) spread[j] = spread[j]! + w * (x[row * size + j]! - mean[j]!) ** 2
  }
  for (let j = 0; j < size; j++) {
    const deviation = Math.sqrt(spread[j]! / weight)
    // What is left of a constant is rounding.
    spread[j] = deviation > 1e-12 * Math.abs(mean[j]!) ? deviation : 1
  }
  return { mean, spread, weight }
}

/** -log of the probability of the target; without overflow. */
function rowLoss(sums: Float64Array, from: number, decisions: number, target: number): number {
  if (decisions === 1) {
    const against = target === 1 ? -sums[from]! : sums[from]!
    return against > 0 ? against + Math.log1p(Math.exp(-against)) : Math.log1p(Math.exp(against))
  }
  let most = sums[from]!
  for (let k = 1; k < decisions; k++) most = Math.max(most, sums[from + k]!)
  let total = 0
  for (let k = 0; k < decisions; k++) total += Math.exp(sums[from + k]! - most)
  return most + Math.log(total) - sums[from + target]!
}

function probabilities(sums: Float64Array, into: Float64Array, from: number, decisions: number): void {
  if (decisions === 1) {
    into[from] = 1 / (1 + Math.exp(-sums[from]!))
    return
  }
  let most = sums[from]!
  for (let k = 1; k < decisions; k++) most = Math.max(most, sums[from + k]!)
  let total = 0
  for (let k = 0; k < decisions; k++) {
    const value = Math.exp(sums[from + k]! - most)
    into[from + k] = value
    total += value
  }
  for (let k = 0; k < decisions; k++) into[from + k] = into[from + k]! / total
}
