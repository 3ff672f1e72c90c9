/** Eigenvalues of symmetric matrices of a few dozen rows. */

export interface Eigen {
  /** In no order. */
  readonly values: Float64Array
  /** Column j (elements i * n + j) belongs to value j; the columns are orthonormal. */
  readonly vectors: Float64Array
}

/**
 * A = V diag(values) V^T of a symmetric matrix, row by row, of which only the upper triangle is read. Jacobi's method by rows
 * (G. H. Golub, C. F. Van Loan: Matrix Computations, 8.5): exact to the last digits, and short; its time grows as n^3, with some
 * ten passes.
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    return matrix[i <= j ? at : j * n + i] as number
  })
  const v = Float64Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : 0))
  // It converges quadratically; a matrix with NaN never does.
  for (let sweep = 0; sweep < 60; sweep++) {
    let changed = false
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) if (rotate(a, v, n, p, q)) changed = true
    if (!changed) break
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), vectors: v }
}

/** Turns the plane of p and q so that their common element is 0; false where it is, next to the diagonal. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): boolean {
  const [app, aqq, apq] = [a[p * n + p] as number, a[q * n + q] as number, a[p * n + q] as number]
  if (Math.abs(apq) <= 1e-17 * Math.sqrt(Math.abs(app) * Math.abs(aqq)) || Math.abs(apq) < 1e-300) return false
  const theta = aqq / apq / 2 - app / apq / 2
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let k = 0; k < n; k++) {
    const [akp, akq] = [a[k * n + p] as number, a[k * n + q] as number]
    a[k * n + p] = c * akp - s * akq
    a[k * n + q] = s * akp + c * akq
  }
  for (let k = 0; k < n; k++) {
    const [apk, aqk] = [a[p * n + k] as number, a[q * n + k] as number]
    a[p * n + k] = c * apk - s * aqk
    a[q * n + k] = s * apk + c * aqk
    const [vkp, vkq] = [v[k * n + p] as number, v[k * n + q] as number]
    v[k * n + p] = c * vkp - s * vkq
    v[k * n + q] = s * vkp + c * vkq
  }
  a[p * n + q] = 0
  a[q * n + p] = 0
  return true
}
