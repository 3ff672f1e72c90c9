import { fail } from '../../core/errors.ts'
import { kindOf } from '../../space/index.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { mostDimensions, sobolSequence } from '../sobol/sequence.ts'

/** How many infeasible points in a row are passed over before the constraint is thought to hold nowhere. */
const mostPassed = 10_000

/**
 * Sobol's sequence, scrambled by the seed: points that fill the space more evenly than chance does, so that a few dozen leave no large
 * hole. Trial n is the n-th feasible point of the sequence, whatever others found; each dimension that is searched takes one of
 * the sequence's, also where it does not count.
 *
 * Direction numbers of Joe and Kuo (2008), Owen's nested scrambling.
 *
 * @throws SAMPLER_UNFIT for more than 128 dimensions
 */
export function sobol(): Sampler {
  return {
    name: 'sobol',
    multiObjective: true,
    blind: true,
    begin({ space }, random) {
      const searched = space.names.map((name) => kindOf(space.dimensions[name]!).points(space.dimensions[name]!)?.length !== 1)
      const count = searched.filter(Boolean).length
      if (count > mostDimensions)
        throw fail(
          'SAMPLER_UNFIT',
          'sobol',
          `its sequence has ${mostDimensions} dimensions, and the space ${count}. Use random, which has no such end`,
        )
      const sequence = sobolSequence(count, random)
      const assignmentAt = (index: number) => {
        const coordinates = sequence(index)
        let next = 0
        return space.fromUnit(searched.map((one) => (one ? (coordinates[next++] as number) : 0.5)))
      }
      // Indices of the feasible points found so far, in order: the same whoever asks, and in which order.
      const places: number[] = []
      return {
        ask(number) {
          for (let index = (places.at(-1) ?? -1) + 1, passed = 0; places.length <= number; index++) {
            const isFeasible = space.feasible(assignmentAt(index))
            if (isFeasible) places.push(index)
            passed = isFeasible ? 0 : passed + 1
            if (passed >= mostPassed) throw fail('SPACE_UNSATISFIABLE', mostPassed)
          }
          return point(assignmentAt(places[number]!))
        },
      }
    },
  }
}
