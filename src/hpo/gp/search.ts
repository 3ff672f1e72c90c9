/** Where the expected improvement is largest. */
import type { Random } from '../../core/random.ts'
import type { Assignment } from '../../space/index.ts'
import { evenly, nearby } from './candidates.ts'
import { climb, type Found } from './climb.ts'
import { logExpectedImprovement } from './improvement.ts'
import type { Places } from './places.ts'
import type { Process } from './process.ts'

export interface Search {
  readonly places: Places
  readonly process: Process
  /** The best points so far: improvements are looked for around them too. */
  readonly around: readonly Float64Array[]
  readonly isTried: (assignment: Assignment) => boolean
}

/** Points of the whole space, and around the best, that are looked at first. */
export const tune = { even: 768, near: 256, starts: 5 }
/** Climbs begin at least so far apart, on some axis. */
const apart = 0.02
/** Candidates whose improvement is computed in one go. */
const chunk = 32

/**
 * The point with the largest expected improvement that is found: of many candidates the most promising are climbed from. Points
 * that were tried before come last.
 *
 * @throws SPACE_UNSATISFIABLE
 */
export function search({ places, process, around, isTried }: Search, chance: Random): Assignment {
  const { space, axes } = places
  const best = process.lowest
  const units = [...evenly(axes, tune.even, chance.fork('candidates')), ...nearby(axes, around, tune.near, chance)]
  const found: Found[] = []
  const begun: Float64Array[] = []
  for (const { place, score } of ranked(process, best, units.map(places.snapped))) {
    if (begun.length >= tune.starts) break
    if (begun.some((other) => other.every((u, d) => Math.abs(u - place[d]!) < apart))) continue
    const assignment = places.assignment(place)
    if (!space.feasible(assignment)) continue
    begun.push(place)
    const start = { assignment, place, score }
    found.push(climb(places, process, best, start), start)
  }
  if (found.length === 0) return anywhere(places, process, best, chance)
  found.sort((a, b) => b.score - a.score)
  return (found.find(({ assignment }) => !isTried(assignment)) ?? untried() ?? found[0]!).assignment

  function untried(): Found | undefined {
    for (const unit of units) {
      const assignment = places.assignment(unit)
      if (space.feasible(assignment) && !isTried(assignment)) return { assignment, place: unit, score: 0 }
    }
    return undefined
  }
}

/** Candidates from the best on. Only those are computed whose bound leaves a chance to be next. */
function* ranked(process: Process, best: number, points: readonly Float64Array[]): Generator<{ place: Float64Array; score: number }> {
  const bounds = process.bounds(points).map(({ mean, variance }) => logExpectedImprovement(best, mean, variance))
  const order = [...points.keys()].sort((a, b) => bounds[b]! - bounds[a]!)
  const open: { place: Float64Array; score: number }[] = []
  let next = 0
  for (;;) {
    while (next < order.length && !(open.length > 0 && open[0]!.score >= bounds[order[next]!]!)) {
      const some = order.slice(next, next + chunk).map((i) => points[i]!)
      for (const [i, { mean, variance }] of process.predict(some).entries()) {
        open.push({ place: some[i]!, score: logExpectedImprovement(best, mean, variance) })
      }
      open.sort((a, b) => b.score - a.score)
      next += chunk
    }
    const first = open.shift()
    if (first === undefined) return
    yield first
  }
}

/** Draws, where hardly any point is feasible. */
const draws = 32

function anywhere({ space, of }: Places, process: Process, best: number, chance: Random): Assignment {
  const drawn = Array.from({ length: draws }, () => space.sample(chance))
  const scores = process.predict(drawn.map(of)).map(({ mean, variance }) => logExpectedImprovement(best, mean, variance))
  return drawn[scores.reduce((top, score, i) => (score > scores[top]! ? i : top), 0)]!
}
