/** Cholesky factors of symmetric positive definite matrices, in rows of a Float64Array that may grow. */

/** A lower triangular matrix of `size` rows; row i begins at i * stride. Above the diagonal stands nothing of use. */
export interface Lower {
  readonly size: number
  readonly stride: number
  readonly values: Float64Array
}

/**
 * L with L L^T = A, in the place of A, of which only the lower triangle is read. Undefined where A is not positive definite, as
 * far as numbers can tell.
 *
 * Row by row (Banachiewicz), four rows at a time, so that each number read serves four products. Every sum runs in the same
 * order, however the rows are grouped: a factor that grew row by row has the same bits as one made at once.
 */
export function cholesky(values: Float64Array, size: number, stride: number = size): Lower | undefined {
  const sums = new Float64Array(4)
  for (let i = 0; i < size; i += 4) {
    const rows = Math.min(4, size - i)
    if (rows === 4) {
      for (let j = 0; j < i; j++) {
        dotFour(values, i * stride, stride, values, j * stride, 0, j, sums)
        const pivot = values[j * stride + j]!
        for (let r = 0, at = i * stride + j; r < 4; r++, at += stride) values[at] = (values[at]! - sums[r]!) / pivot
      }
    }
    for (let r = i; r < i + rows; r++) if (!finishRow(values, r, rows === 4 ? i : 0, stride)) return undefined
  }
  return { size, stride, values }
}

/** Row i from a column on, and its diagonal. */
function finishRow(values: Float64Array, i: number, from: number, stride: number): boolean {
  const own = i * stride
  for (let j = from; j < i; j++) {
    const row = j * stride
    values[own + j] = (values[own + j]! - inOrder(values, own, row, j)) / values[row + j]!
  }
  const rest = values[own + i]! - inOrder(values, own, own, i)
  if (!(rest > 0)) return false
  values[own + i] = Math.sqrt(rest)
  return true
}

/**
 * The factor of A with one more row and column, whose lower part `row` is: a copy with room for more where there is none, else in
 * the same place. Undefined where that is not positive definite.
 */
export function appendRow(lower: Lower, row: ArrayLike<number>): Lower | undefined {
  const { size, stride } = lower
  const wide = size < stride ? lower : widened(lower, Math.max(8, 2 * stride))
  for (let j = 0; j <= size; j++) wide.values[size * wide.stride + j] = row[j]!
  return finishRow(wide.values, size, 0, wide.stride) ? { ...wide, size: size + 1 } : undefined
}

export function widened({ size, stride, values }: Lower, to: number): Lower {
  const wide = new Float64Array(to * to)
  for (let i = 0; i < size; i++) wide.set(values.subarray(i * stride, i * stride + i + 1), i * to)
  return { size, stride: to, values: wide }
}

/** x with L x = b, in the place of b. */
export function solveLower({ size, stride, values }: Lower, b: Float64Array): Float64Array {
  for (let i = 0; i < size; i++) b[i] = (b[i]! - dot(values, i * stride, b, 0, i)) / values[i * stride + i]!
  return b
}

/** x with L^T x = b, in the place of b. */
export function solveUpper({ size, stride, values }: Lower, b: Float64Array): Float64Array {
  for (let i = size - 1; i >= 0; i--) {
    const row = i * stride
    const x = b[i]! / values[row + i]!
    b[i] = x
    for (let k = 0; k < i; k++) b[k] = b[k]! - x * values[row + k]!
  }
  return b
}

/**
 * Solves L x = b for four right-hand sides at once, which stand interleaved (element i of the first at 4 i), in their place:
 * three times as fast as one after the other.
 */
export function solveLowerFour({ size, stride, values }: Lower, b: Float64Array): Float64Array {
  for (let i = 0; i < size; i++) {
    const row = i * stride
    let p = 0
    let q = 0
    let r = 0
    let s = 0
    for (let k = 0, at = 0; k < i; k++, at += 4) {
      const v = values[row + k]!
      p += v * b[at]!
      q += v * b[at + 1]!
      r += v * b[at + 2]!
      s += v * b[at + 3]!
    }
    const scale = 1 / values[row + i]!
    const at = 4 * i
    b[at] = (b[at]! - p) * scale
    b[at + 1] = (b[at + 1]! - q) * scale
    b[at + 2] = (b[at + 2]! - r) * scale
    b[at + 3] = (b[at + 3]! - s) * scale
  }
  return b
}

/** ln det A. */
export function logDeterminant({ size, stride, values }: Lower): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += Math.log(values[i * stride + i]!)
  return 2 * sum
}

/** The lower triangle of A^-1 = L^-T L^-1, row by row, `size` numbers each; above the diagonal stands nothing of use. */
export function inverse({ size, stride, values }: Lower): Float64Array {
  // Columns of L^-1 as rows, four of them at a time: t[j][i] is (L^-1)[i][j], and 0 for i < j.
  const room = 4 * Math.ceil(size / 4)
  const t = new Float64Array(room * size)
  const sums = new Float64Array(4)
  for (let j = 0; j < size; j += 4) {
    for (let i = j; i < size; i++) {
      dotFour(t, j * size, size, values, i * stride, j, i, sums)
      const pivot = values[i * stride + i]!
      for (let r = 0; r < 4; r++) if (j + r <= i) t[(j + r) * size + i] = ((j + r === i ? 1 : 0) - sums[r]!) / pivot
    }
  }
  const all = new Float64Array(room * size)
  for (let i = 0; i < size; i += 4) {
    for (let j = 0; j < Math.min(size, i + 4); j++) {
      dotFour(t, i * size, size, t, j * size, i, size, sums)
      for (let r = 0; r < 4; r++) all[(i + r) * size + j] = sums[r]!
    }
  }
  return all
}

function inOrder(values: Float64Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum += values[a + k]! * values[b + k]!
  return sum
}

function dot(x: Float64Array, atX: number, y: Float64Array, atY: number, length: number): number {
  // In four sums, which the processor adds at the same time.
  let p = 0
  let q = 0
  let r = 0
  let s = 0
  let k = 0
  for (; k + 3 < length; k += 4) {
    p += x[atX + k]! * y[atY + k]!
    q += x[atX + k + 1]! * y[atY + k + 1]!
    r += x[atX + k + 2]! * y[atY + k + 2]!
    s += x[atX + k + 3]! * y[atY + k + 3]!
  }
  for (; k < length; k++) p += x[atX + k]! * y[atY + k]!
  return p + q + (r + s)
}

/** Products of four rows of x, `stride` apart, with one of y, of the columns `from` up to `to`. */
function dotFour(
  x: Float64Array,
  atX: number,
  stride: number,
  y: Float64Array,
  atY: number,
  from: number,
  to: number,
  sums: Float64Array,
): void {
  let p = 0
  let q = 0
  let r = 0
  let s = 0
  let a = atX + from
  let b = a + stride
  let c = b + stride
  let d = c + stride
  for (let k = atY + from; k < atY + to; k++) {
    const v = y[k]!
    p += x[a++]! * v
    q += x[b++]! * v
    r += x[c++]! * v
    s += x[d++]! * v
  }
  sums[0] = p
  sums[1] = q
  sums[2] = r
  sums[3] = s
}
