/**
 * The whole path of the lasso: for falling penalties, coefficients are straight lines between a few knots, and each knot is
 * known from the last one. From a penalty so large that all coefficients are 0, a feature joins where it correlates with
 * what is left as much as the penalty is, and leaves where its coefficient gets to 0.
 *
 * B. Efron, T. Hastie, I. Johnstone, R. Tibshirani: Least Angle Regression (2004); M. R. Osborne, B. Presnell, B. A. Turlach: A
 * New Approach to Variable Selection in Least Squares Problems (2000).
 */
import { appended, type Factor, factorOf, solve } from './factor.ts'

/** Least of `w' gram w / 2 - cross' w + alpha * |w|`: gram and cross are means over the rows. */
export interface Quadratic {
  readonly size: number
  readonly gram: Float64Array
  readonly cross: Float64Array
}

/**
 * The coefficients for each of some penalties. Each is the same to the bit whichever others are asked for: the path does not
 * depend on them, and what a penalty gets is a formula of the features that are in at that place.
 */
export function lassoPath(problem: Quadratic, alphas: readonly number[]): Float64Array[] {
  const found = alphas.map((): Float64Array | undefined => undefined)
  const lowest = alphas.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  for (const segment of segments(problem)) {
    alphas.forEach((alpha, i) => {
      if (found[i] === undefined && alpha >= segment.to) found[i] = at(problem.size, segment, alpha)
    })
    if (lowest >= segment.to) break
  }
  return alphas.map((alpha, i) => settled(problem, alpha, found[i] ?? new Float64Array(problem.size)))
}

/** For penalties down to `to`, the coefficient of feature `active[k]` is `base[k] - alpha * slope[k]`, and of all others 0. */
interface Segment {
  readonly to: number
  readonly active: readonly number[]
  readonly base: Float64Array
  readonly slope: Float64Array
}

function at(size: number, { active, base, slope }: Segment, alpha: number): Float64Array {
  const coef = new Float64Array(size)
  for (const [k, feature] of active.entries()) coef[feature] = base[k]! - alpha * slope[k]!
  return coef
}

/** How much later than the last knot a next one may seem to lie, through rounding. */
const late = 1 + 1e-12

function* segments({ size, gram, cross }: Quadratic): Generator<Segment> {
  let here = cross.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let active: number[] = []
  let signs: number[] = []
  let factor: Factor = factorOf(gram, size, [])
  /** Features that say nothing the active ones do not say: in no segment until one of those leaves. */
  let redundant = new Set<number>()
  let joined = -1
  let left: { readonly feature: number; readonly sign: number } | undefined
  // Made-up data can have a path of 3^size knots; real paths have a few times as many as features. What is left is settled below.
  for (let knots = 0; knots < 8 * size + 8 && here > 0; knots++) {
    const base = solve(
      factor,
      active.map((feature) => cross[feature]!),
    )
    const slope = solve(factor, signs)
    let next = 0
    let event: { readonly feature: number; readonly sign: number; readonly place: number } | undefined
    const offer = (alpha: number, feature: number, sign: number, place: number) => {
      if (alpha > next && alpha <= here * late) {
        next = alpha
        event = { feature, sign, place }
      }
    }
    for (const [place, feature] of active.entries())
      if (feature !== joined && slope[place]! !== 0) offer(base[place]! / slope[place]!, feature, 0, place)
    for (let feature = 0; feature < size; feature++) {
      if (active.includes(feature) || redundant.has(feature)) continue
      let [rest, change] = [cross[feature]!, 0]
      for (const [k, other] of active.entries()) {
        rest -= gram[feature * size + other]! * base[k]!
        change += gram[feature * size + other]! * slope[k]!
      }
      // Its correlation with what is left is rest + alpha * change; it joins where that is alpha, or -alpha.
      for (const sign of [1, -1])
        if (left?.feature !== feature || left.sign !== sign) offer((sign * rest) / (1 - sign * change), feature, sign, -1)
    }
    next = Math.min(next, here)
    yield { to: event === undefined ? 0 : next, active, base, slope }
    if (event === undefined) return
    const { feature, sign, place } = event
    here = next
    joined = -1
    if (place >= 0) {
      left = { feature, sign: signs[place] as number }
      active = active.toSpliced(place, 1)
      signs = signs.toSpliced(place, 1)
      factor = factorOf(gram, size, active)
      redundant = new Set()
      continue
    }
    left = undefined
    const grown = appended(factor, gram, size, active, feature)
    if (grown === undefined) redundant.add(feature)
    else {
      factor = grown
      active = [...active, feature]
      signs = [...signs, sign]
      joined = feature
    }
  }
}

/** How far from its conditions a solution may be, as a share of the largest correlation. */
const tolerance = 1e-10
/** Rounds of descent at most; each is cheap, and only what the path could not settle needs any. */
const rounds = 10_000

/**
 * The coefficients if they are a solution, else what coordinate descent makes of them: features that are sums of others, and paths
 * without an end, can leave a little to do.
 */
function settled({ size, gram, cross }: Quadratic, alpha: number, coef: Float64Array): Float64Array {
  const largest = cross.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const rest = cross.map((value, i) => {
    let sum = value
    for (let j = 0; j < size; j++) if (coef[j] !== 0) sum -= gram[i * size + j]! * coef[j]!
    return sum
  })
  const off = (i: number) => (coef[i] === 0 ? Math.max(0, Math.abs(rest[i]!) - alpha) : Math.abs(rest[i]! - alpha * Math.sign(coef[i]!)))
  for (let round = 0; round < rounds; round++) {
    let worst = 0
    for (let i = 0; i < size; i++) worst = Math.max(worst, off(i))
    if (worst <= tolerance * largest) break
    for (let i = 0; i < size; i++) {
      const own = gram[i * size + i]!
      if (own <= 0) continue
      const pull = rest[i]! + own * coef[i]!
      const value = (Math.sign(pull) * Math.max(0, Math.abs(pull) - alpha)) / own
      const change = value - coef[i]!
      if (change === 0) continue
      coef[i] = value
      for (let j = 0; j < size; j++) rest[j] = rest[j]! - change * gram[j * size + i]!
    }
  }
  return coef
}
