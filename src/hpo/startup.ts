/** First points of samplers that learn. */
import type { Random } from '../core/random.ts'
import type { Assignment, SearchSpace } from '../space/index.ts'
import { type Axis, assignmentOf } from './axes.ts'
import { mostDimensions, sobolSequence } from './sobol/sequence.ts'

/**
 * A function that gives trial `number` a point before anything is known: the next of a scrambled Sobol sequence, which leaves no
 * large hole; a drawn one where that is not feasible. Axes beyond those that the sequence has are drawn by chance.
 *
 * @throws SPACE_UNSATISFIABLE by the function
 */
export function startPoints(space: SearchSpace, axes: readonly Axis[], random: Random): (number: number) => Assignment {
  const sequence = sobolSequence(Math.min(axes.length, mostDimensions), random.fork('start'))
  return (number) => {
    const chance = random.fork('ask', number)
    // Trials of older studies have negative numbers; none is asked for.
    const even = sequence(number)
    const assignment = assignmentOf(
      space,
      axes,
      axes.map((_, i) => even[i] ?? chance.uniform()),
    )
    return space.feasible(assignment) ? assignment : space.sample(chance)
  }
}
