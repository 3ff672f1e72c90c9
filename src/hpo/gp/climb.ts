/** Uphill on the expected improvement, from a point. */
import type { Assignment } from '../../space/index.ts'
import { minimize } from '../linear/lbfgs.ts'
import { logExpectedImprovement, logImprovement } from './improvement.ts'
import type { Places } from './places.ts'
import type { Process } from './process.ts'

export interface Found {
  readonly assignment: Assignment
  readonly place: Float64Array
  /** ln of the expected improvement. */
  readonly score: number
}

/** Rounds of both kinds of steps; most climbs end after two. */
const mostRounds = 6
/** Axes in cells have all their values tried if there are so few, else those near. */
const fewCells = 10
const steps = [-3, -1, 1, 3]

/**
 * A local maximum of feasible points: continuous axes by L-BFGS (and, at first, ordered cells as if they were continuous), the others by
 * trying other values one axis at a time, in turns until neither helps.
 */
export function climb({ space, axes, of, assignment }: Places, process: Process, best: number, start: Found): Found {
  let here = start
  for (let round = 0; round < mostRounds; round++) {
    const smooth = smoothly(round === 0)
    const stepped = stepwise()
    if (!stepped && (round > 0 || !smooth)) break
  }
  return here

  /** Takes some points' best, if it is better. */
  function take(units: readonly Float64Array[]): boolean {
    const found = units.map((one) => assignment(one))
    const places = found.map(of)
    let taken = false
    for (const [i, { mean, variance }] of process.predict(places).entries()) {
      const score = logExpectedImprovement(best, mean, variance)
      if (!(score > here.score + 1e-9) || !space.feasible(found[i]!)) continue
      here = { assignment: found[i]!, place: places[i]!, score }
      taken = true
    }
    return taken
  }

  function stepwise(): boolean {
    let taken = false
    for (const [d, axis] of axes.entries()) {
      if (axis.kind === 'real' || !Object.hasOwn(here.assignment, axis.name)) continue
      const own = axis.cellOf(here.place[d]!)
      const all = axis.kind === 'list' || axis.cells <= fewCells
      const cells = (all ? [...Array(axis.cells).keys()] : steps.map((step) => own + step)).filter(
        (cell) => cell !== own && cell >= 0 && cell < axis.cells,
      )
      const from = here.place
      if (take(cells.map((cell) => from.with(d, axis.center(cell))))) taken = true
    }
    return taken
  }

  function smoothly(alsoCells: boolean): boolean {
    const free = axes.flatMap(({ kind, name }, d) =>
      Object.hasOwn(here.assignment, name) && (kind === 'real' || (alsoCells && kind === 'grid')) ? [d] : [],
    )
    if (free.length === 0) return false
    const x = here.place.slice()
    const put = (part: Float64Array) => {
      for (const [k, d] of free.entries()) x[d] = part[k]!
    }
    const { x: top } = minimize(
      (part, into) => {
        put(part)
        return descent(process, best, x, free, into)
      },
      Float64Array.from(free, (d) => x[d]!),
      { lower: free.map(() => 0), upper: free.map(() => 1), tolerance: 1e-3, iterations: 40 },
    )
    put(top)
    // Where the top is not feasible, as far on the way to it as is.
    const from = here.place
    for (const part of [1, 0.5, 0.2, 0.05]) if (take([from.map((u, d) => u + part * (x[d]! - u))])) return true
    return false
  }
}

/** -ln EI and its derivatives by some axes. */
function descent(process: Process, best: number, x: Float64Array, free: readonly number[], into: Float64Array): number {
  const { mean, variance, byMean, byVariance } = process.gradient(x)
  if (!(variance > 0)) return Number.POSITIVE_INFINITY
  const deviation = Math.sqrt(variance)
  const z = (best - mean) / deviation
  const { value, slope } = logImprovement(z)
  for (const [k, d] of free.entries()) {
    const byDeviation = byVariance[d]! / (2 * deviation)
    into[k] = (slope * (byMean[d]! + z * byDeviation) - byDeviation) / deviation
  }
  return -Math.log(deviation) - value
}
