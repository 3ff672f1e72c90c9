/** What linear models need to know of the rows: weighted means and products of the columns, in double precision. */
import { fail } from '../core/errors.ts'
import type { Examples } from '../estimator/index.ts'

export interface Moments {
  readonly size: number
  /** Sum of the rows' weights. */
  readonly weight: number
  /** Weighted mean of each column; all 0 where there is no intercept, so that nothing is centered. */
  readonly mean: Float64Array
  /** [size, size]: weighted sums of products of centered columns. */
  readonly gram: Float64Array
}

/** All features are quantities, and none is missing. @throws LINEAR_CATEGORIES, LINEAR_NOT_FINITE */
export function checkNumeric(of: string, { name, rows, features, x }: Examples): void {
  const category = features.find(({ categories }) => categories !== undefined)
  if (category) throw fail('LINEAR_CATEGORIES', of, name, category.name)
  const width = features.length
  for (let at = 0, end = rows * width; at < end; at++)
    if (!Number.isFinite(x[at] as number))
      throw fail('LINEAR_NOT_FINITE', of, name, Math.floor(at / width) + 1, features[at % width]?.name as string, x[at] as number)
}

/** Two passes: means first, then products of what is left, so that large means cost no digits. */
export function momentsOf({ rows, features, x }: Examples, center: boolean, weights?: ArrayLike<number>): Moments {
  const size = features.length
  let weight = 0
  for (let row = 0; row < rows; row++) weight += weights === undefined ? 1 : (weights[row] as number)
  const mean = center ? meansOf(x, rows, size, weight, weights) : new Float64Array(size)
  const gram = new Float64Array(size * size)
  // Four rows at a time, so that each number of the matrix that is read and written serves four products.
  const block = 4
  const plain = Array.from({ length: block }, () => new Float64Array(size)) as [Float64Array, Float64Array, Float64Array, Float64Array]
  const scaled = new Float64Array(block)
  for (let first = 0; first < rows; first += block) {
    for (let r = 0; r < block; r++) {
      const row = first + r
      const into = plain[r] as Float64Array
      scaled[r] = row < rows ? (weights === undefined ? 1 : (weights[row] as number)) : 0
      for (let k = 0; k < size; k++) into[k] = row < rows ? x[row * size + k]! - mean[k]! : 0
    }
    addProducts(gram, size, plain, scaled)
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) gram[i * size + j] = gram[j * size + i]!
  clearConstant(gram, x, rows, size, center)
  return { size, weight, mean, gram }
}

/** Weighted sums of centered columns times a target; the target comes centered. */
export function crossOf({ rows, x }: Examples, { size, mean }: Moments, target: Float64Array, weights?: ArrayLike<number>): Float64Array {
  const cross = new Float64Array(size)
  for (let row = 0; row < rows; row++) {
    const value = weights === undefined ? target[row]! : target[row]! * (weights[row] as number)
    if (value === 0) continue
    for (let k = 0, at = row * size; k < size; k++, at++) cross[k] = cross[k]! + value * (x[at]! - mean[k]!)
  }
  return cross
}

/** The upper triangle only. */
function addProducts(
  gram: Float64Array,
  size: number,
  [a, b, c, d]: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
  weights: Float64Array,
): void {
  const [wa, wb, wc, wd] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!]
  for (let i = 0; i < size; i++) {
    const [ai, bi, ci, di] = [wa * a[i]!, wb * b[i]!, wc * c[i]!, wd * d[i]!]
    const row = i * size
    for (let j = i; j < size; j++) gram[row + j] = gram[row + j]! + (ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!)
  }
}

function meansOf(x: Float32Array, rows: number, size: number, weight: number, weights: ArrayLike<number> | undefined): Float64Array {
  const mean = new Float64Array(size)
  for (let row = 0, at = 0; row < rows; row++) {
    const w = weights === undefined ? 1 : (weights[row] as number)
    for (let k = 0; k < size; k++, at++) mean[k] = mean[k]! + w * x[at]!
  }
  for (let k = 0; k < size; k++) mean[k] = mean[k]! / weight
  return mean
}

/** A centered constant is 0, and not what rounding left of it: else it would be a direction of its own. */
function clearConstant(gram: Float64Array, x: Float32Array, rows: number, size: number, center: boolean): void {
  if (!center) return
  for (let k = 0; k < size; k++) {
    let row = 1
    while (row < rows && x[row * size + k] === x[k]) row++
    if (row < rows) continue
    for (let j = 0; j < size; j++) {
      gram[k * size + j] = 0
      gram[j * size + k] = 0
    }
  }
}
