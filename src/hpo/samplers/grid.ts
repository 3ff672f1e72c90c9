import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { describe, kindOf, type SearchSpace, type Value } from '../../space/index.ts'
import { type Lattice, latticeOf } from '../grid/lattice.ts'
import { permutation } from '../grid/permutation.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { triedPoints } from '../tried.ts'

export interface GridOptions {
  /** Into how many values a range without an end of values is cut, both its ends among them. Without it such a range is refused. */
  readonly points?: number
  /** The points in an order drawn from the seed, for a grid of which only a part can be tried. Default false: as nested loops. */
  readonly shuffle?: boolean
}

/** From this many on a study of all points would hardly end; who wants that says how many trials. */
const mostUnasked = 10_000_000

/** How many infeasible points in a row are passed over in a grid too large to go through. */
const mostPassed = 1_000_000

/**
 * Every combination of values, each once: of conditional dimensions only where they count, without those that the constraint refuses, and
 * without those that the study has tried already (enqueued, or of an older study). The last dimension changes fastest.
 *
 * A continuous range has no end of values: `space.quantized` gives it steps, or the option `points` cuts all such ranges into as many
 * values, evenly on the dimension's own scale (of a normal one: at the middles of equally likely parts).
 *
 * @throws SAMPLER_UNFIT for a continuous range without `points`, and for 10^7 points or more where no number of trials is given
 * @example `grid({ points: 5, shuffle: true })`
 */
export function grid(options: GridOptions = {}): Sampler {
  checkOptions('grid', options, ['points', 'shuffle'])
  const { points, shuffle = false } = options
  if (points !== undefined && !(Number.isInteger(points) && points >= 1 && points <= 1e6))
    throw fail('BAD_OPTION', 'grid', 'points', points, 'a whole number from 1 to 1000000')
  if (typeof shuffle !== 'boolean') throw fail('BAD_OPTION', 'grid', 'shuffle', shuffle, 'true or false')
  return {
    name: 'grid',
    multiObjective: true,
    blind: true,
    begin({ space, trials }, random) {
      const lattice = gridOf(space, points)
      const { size } = lattice
      if (trials === undefined && size >= mostUnasked)
        throw fail(
          'SAMPLER_UNFIT',
          'grid',
          `the grid has ${inWords(size)} points; say how many of them to try ('--trials 1000'), or give the dimensions fewer values`,
        )
      const place = shuffle ? permutation(Math.min(size, 2 ** 52), random.fork('order')) : (index: number) => index
      const isTried = triedPoints(space)
      // All before this place was tried or is infeasible, for ever: what a study has tried only grows.
      let next = 0
      let feasible = 0
      let passed = 0
      return {
        ask(_, study) {
          for (; next < size; next++) {
            const assignment = lattice.at(place(next))
            if (!space.feasible(assignment)) {
              if (++passed >= mostPassed && size > mostUnasked)
                throw fail(
                  'SAMPLER_UNFIT',
                  'grid',
                  `the constraint held for none of ${inWords(mostPassed)} points in a row; loosen it, or narrow the dimensions it is about`,
                )
              continue
            }
            passed = 0
            if (!isTried(assignment, study)) return point(assignment)
            feasible++
          }
          return {
            kind: 'done',
            reason:
              feasible === size
                ? `all ${inWords(size)} points of the grid were tried`
                : `all ${inWords(feasible)} feasible points of the grid were tried, of ${inWords(size)}`,
          }
        },
      }
    },
  }
}

/** The grid of a space, which tells its size at once. @throws SAMPLER_UNFIT for a continuous range where `points` is not given */
export function gridOf(space: SearchSpace, points?: number): Lattice {
  const endless = space.names.filter((name) => listOf(space, name, points) === undefined)
  const [first] = endless
  if (first !== undefined) {
    const what = endless.map((name) => `'${name}'`).join(', ')
    const is = describe(space.dimensions[first]!)
    throw fail(
      'SAMPLER_UNFIT',
      'grid',
      `there is no end of values of ${what} (${is}). Give ${endless.length > 1 ? 'them' : 'it'} steps with space.quantized, or use the option 'points', which cuts such ranges into that many values`,
    )
  }
  const lists = new Map(space.names.map((name) => [name, listOf(space, name, points)!]))
  return latticeOf(space, (name) => lists.get(name)!)
}

function listOf(space: SearchSpace, name: string, points: number | undefined): readonly Value[] | undefined {
  const dimension = space.dimensions[name]!
  const { points: listed, fromUnit } = kindOf(dimension)
  const all = listed(dimension)
  if (all !== undefined || points === undefined) return all
  const inner = dimension.kind === 'normal' || points === 1
  const units = Array.from({ length: points }, (_, i) => (inner ? (i + 0.5) / points : i / (points - 1)))
  return [...new Set(units.map((u) => fromUnit(dimension, u)))]
}

function inWords(count: number): string {
  return count > Number.MAX_SAFE_INTEGER ? count.toPrecision(3) : count.toLocaleString('en')
}
