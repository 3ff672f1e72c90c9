/**
 * Eigenvalues and eigenvectors of symmetric matrices: Householder's reflections to a tridiagonal matrix, then QL with implicit
 * shifts. After EISPACK's tred2 and tql2 (Bowdler, Martin, Reinsch, Wilkinson, 1968), as in the public-domain JAMA, here with
 * eigenvectors in rows, so that inner loops run along memory.
 */

export interface Eigen {
  readonly size: number
  /** In no order. */
  readonly values: Float64Array
  /** Row k is the eigenvector of value k, of length 1. */
  readonly vectors: Float64Array
}

/** Of a symmetric matrix, row-major; it is not changed. */
export function eigen(matrix: Float64Array, size: number): Eigen {
  const vectors = matrix.slice()
  const values = new Float64Array(size)
  const below = new Float64Array(size)
  if (size > 0) {
    tridiagonalize(vectors, values, below, size)
    diagonalize(vectors, values, below, size)
  }
  return { size, values, vectors }
}

/** `v` becomes the reflections' product, `d` the diagonal, `e` what stands below it, from e[1] on. */
function tridiagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]!
  for (let i = n - 1; i > 0; i--) {
    let scale = 0
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!)
    let h = 0
    if (scale === 0) {
      e[i] = d[i - 1]!
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]!
        v[j * n + i] = 0
        v[i * n + j] = 0
      }
    } else {
      for (let k = 0; k < i; k++) {
        const part = d[k]! / scale
        d[k] = part
        h += part * part
      }
      const f = d[i - 1]!
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h)
      e[i] = scale * g
      h -= f * g
      d[i - 1] = f - g
      reflect(v, d, e, n, i, h)
    }
    d[i] = h
  }
  accumulate(v, d, n)
  e[0] = 0
}

/** Applies one reflection to the rows and columns before i. */
function reflect(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number, h: number): void {
  e.fill(0, 0, i)
  for (let j = 0; j < i; j++) {
    const f = d[j]!
    const row = j * n
    v[i * n + j] = f
    let g = e[j]! + v[row + j]! * f
    for (let k = j + 1; k < i; k++) {
      const value = v[row + k]!
      g += value * d[k]!
      e[k] = e[k]! + value * f
    }
    e[j] = g
  }
  let f = 0
  for (let j = 0; j < i; j++) {
    const part = e[j]! / h
    e[j] = part
    f += part * d[j]!
  }
  const half = f / (h + h)
  for (let j = 0; j < i; j++) e[j] = e[j]! - half * d[j]!
  for (let j = 0; j < i; j++) {
    const [a, b] = [d[j]!, e[j]!]
    const row = j * n
    for (let k = j; k < i; k++) v[row + k] = v[row + k]! - (a * e[k]! + b * d[k]!)
    d[j] = v[row + i - 1]!
    v[row + i] = 0
  }
}

/** Multiplies the reflections out. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = v[i * n + i]!
    v[i * n + i] = 1
    const h = d[i + 1]!
    const next = (i + 1) * n
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h
      for (let j = 0; j <= i; j++) {
        const row = j * n
        let g = 0
        for (let k = 0; k <= i; k++) g += v[next + k]! * v[row + k]!
        for (let k = 0; k <= i; k++) v[row + k] = v[row + k]! - g * d[k]!
      }
    }
    v.fill(0, next, next + i + 1)
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1]!
    v[j * n + n - 1] = 0
  }
  v[n * n - 1] = 1
}

/** QL: turns the rows of `v` until nothing is left below the diagonal. */
function diagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!
  e[n - 1] = 0
  let shift = 0
  let largest = 0
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!))
    const small = Number.EPSILON * largest
    let m = l
    while (m < n - 1 && Math.abs(e[m]!) > small) m++
    if (m > l) {
      do {
        const g = d[l]!
        const p = (d[l + 1]! - g) / (2 * e[l]!)
        const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1)
        d[l] = e[l]! / (p + r)
        d[l + 1] = e[l]! * (p + r)
        const h = g - d[l]!
        for (let i = l + 2; i < n; i++) d[i] = d[i]! - h
        shift += h
        sweep(v, d, e, n, l, m)
      } while (Math.abs(e[l]!) > small)
    }
    d[l] = d[l]! + shift
    e[l] = 0
  }
}

function sweep(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): void {
  const [next, after] = [d[l + 1]!, e[l + 1]!]
  let p = d[m]!
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0]
  for (let i = m - 1; i >= l; i--) {
    c3 = c2
    c2 = c
    s2 = s
    const g = c * e[i]!
    const h = c * p
    const r = Math.hypot(p, e[i]!)
    e[i + 1] = s * r
    s = e[i]! / r
    c = p / r
    p = c * d[i]! - s * g
    d[i + 1] = h + s * (c * g + s * d[i]!)
    for (let k = i * n, end = k + n; k < end; k++) {
      const [a, b] = [v[k]!, v[k + n]!]
      v[k + n] = s * a + c * b
      v[k] = c * a - s * b
    }
  }
  p = (-s * s2 * c3 * after * e[l]!) / next
  e[l] = s * p
  d[l] = c * p
}
