/** Cholesky factors of some rows and columns of a matrix, one row after another. */

export interface Factor {
  readonly size: number
  /** Row k of the lower triangle has k + 1 numbers. */
  readonly rows: readonly Float64Array[]
}

/** What is left of a feature's own product must be this share of it, or it is taken for a sum of the others. */
const independent = 1e-12

/** Of the rows and columns `chosen`, which are independent. */
export function factorOf(matrix: Float64Array, size: number, chosen: readonly number[]): Factor {
  let factor: Factor = { size: 0, rows: [] }
  for (const [k, row] of chosen.entries()) factor = extended(factor, matrix, size, chosen.slice(0, k), row)
  return factor
}

/** With one more row and column; undefined where that is, to all digits, a sum of the others. */
export function appended(factor: Factor, matrix: Float64Array, size: number, chosen: readonly number[], next: number): Factor | undefined {
  const grown = extended(factor, matrix, size, chosen, next)
  const rest = (grown.rows[factor.size] as Float64Array)[factor.size] as number
  const whole = matrix[next * size + next] as number
  return rest * rest > independent * whole ? grown : undefined
}

function extended({ size: count, rows }: Factor, matrix: Float64Array, size: number, chosen: readonly number[], next: number): Factor {
  const row = new Float64Array(count + 1)
  for (let k = 0; k <= count; k++) {
    let sum = matrix[next * size + (k < count ? (chosen[k] as number) : next)]!
    const other = k < count ? (rows[k] as Float64Array) : row
    for (let j = 0; j < k; j++) sum -= row[j]! * other[j]!
    row[k] = k < count ? sum / other[k]! : Math.sqrt(Math.max(0, sum))
  }
  return { size: count + 1, rows: [...rows, row] }
}

/** x with (the chosen part of the matrix) x = b. */
export function solve({ size, rows }: Factor, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b)
  for (let i = 0; i < size; i++) {
    const row = rows[i] as Float64Array
    for (let k = 0; k < i; k++) x[i] = x[i]! - row[k]! * x[k]!
    x[i] = x[i]! / row[i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i] as Float64Array
    x[i] = x[i]! / row[i]!
    for (let k = 0; k < i; k++) x[k] = x[k]! - row[k]! * x[i]!
  }
  return x
}
