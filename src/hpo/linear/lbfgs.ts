/** Minimizing smooth functions in a box. */

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  /** How often the function was called. */
  readonly calls: number
}

export interface MinimizeOptions {
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
  /** It ends where no part of the gradient that points into the box is larger; default 1e-5. */
  readonly tolerance?: number
  /** Default 100. */
  readonly iterations?: number
}

/** Steps and changes of the gradient that are remembered. */
const memory = 8
const mostHalvings = 20

/**
 * A local minimum near `start`: L-BFGS on the variables that are not held by the box, with a backtracking line search along the
 * path projected to the box. A function that gives NaN or Infinity somewhere is stepped back from.
 *
 * D. C. Liu and J. Nocedal, On the limited memory BFGS method (1989); D. P. Bertsekas, Projected Newton methods (1982).
 *
 * @param gradient - takes a point, writes the gradient there into its second argument, and returns the value
 */
export function minimize(
  gradient: (x: Float64Array, into: Float64Array) => number,
  start: ArrayLike<number>,
  { lower, upper, tolerance = 1e-5, iterations = 100 }: MinimizeOptions,
): Minimum {
  const n = start.length
  const clip = (value: number, i: number) => Math.min(upper[i]!, Math.max(lower[i]!, value))
  let x: Float64Array = Float64Array.from(start, clip)
  let g: Float64Array = new Float64Array(n)
  let value = gradient(x, g)
  let calls = 1
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = []

  for (let iteration = 0; iteration < iterations; iteration++) {
    const isHeld = (i: number) => (x[i]! <= lower[i]! && g[i]! > 0) || (x[i]! >= upper[i]! && g[i]! < 0)
    const free = g.map((slope, i) => (isHeld(i) ? 0 : slope))
    const steepest = free.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0)
    if (!(steepest > tolerance)) break
    let direction = twoLoops(free, pairs).map((step, i) => (isHeld(i) ? 0 : -step))
    if (!(product(direction, free) < 0)) {
      pairs.length = 0
      direction = free.map((slope) => -slope)
    }
    // Nothing is known of the scale before the first step.
    let t = pairs.length === 0 ? Math.min(1, 0.1 / steepest) : 1
    let next: { x: Float64Array; g: Float64Array; value: number } | undefined
    for (let halving = 0; halving < mostHalvings; halving++) {
      const there = x.map((from, i) => clip(from + t * direction[i]!, i))
      const slopes = new Float64Array(n)
      const found = gradient(there, slopes)
      calls++
      const expected = there.reduce((sum, to, i) => sum + free[i]! * (to - x[i]!), 0)
      if (found <= value + 1e-4 * expected && Number.isFinite(found)) {
        next = { x: there, g: slopes, value: found }
        break
      }
      // The parabola through both values and the slope, within reason.
      const best = Number.isFinite(found) ? (-expected * t) / (2 * (found - value - expected)) : 0
      t = Math.min(0.5 * t, Math.max(0.1 * t, best))
    }
    if (next === undefined) {
      // With a model of the curvature that misled, once more without.
      if (pairs.length === 0) break
      pairs.length = 0
      continue
    }
    const s = next.x.map((to, i) => to - x[i]!)
    const y = next.g.map((to, i) => to - g[i]!)
    const curvature = product(s, y)
    const gained = value - next.value
    ;[x, g, value] = [next.x, next.g, next.value]
    if (curvature > 1e-10 * product(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature })
      if (pairs.length > memory) pairs.shift()
    }
    if (gained <= 1e-12 * Math.max(1, Math.abs(value)) && product(s, s) < 1e-16) break
  }
  return { x, value, calls }
}

/** The gradient times what is known of the inverse of the Hessian. */
function twoLoops(gradient: Float64Array, pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[]): Float64Array {
  const q = gradient.slice()
  const alphas = pairs.map(() => 0)
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]!
    alphas[k] = rho * product(s, q)
    for (let i = 0; i < q.length; i++) q[i] = q[i]! - alphas[k]! * y[i]!
  }
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * product(last.y, last.y))
    for (let i = 0; i < q.length; i++) q[i] = q[i]! * scale
  }
  for (const [k, { s, y, rho }] of pairs.entries()) {
    const beta = rho * product(y, q)
    for (let i = 0; i < q.length; i++) q[i] = q[i]! + (alphas[k]! - beta) * s[i]!
  }
  return q
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
