/** What a study has tried, and what was found. */
import type { Assignment, SearchSpace } from '../space/index.ts'
import type { StudyView, TrialView } from './trial.ts'

/** A function that tells whether any trial of a study has these values. It remembers what it has seen of a study that grows. */
export function triedPoints({ names }: SearchSpace): (assignment: Assignment, study: StudyView) => boolean {
  let known = new Set<string>()
  let seen: StudyView['trials'] = []
  let count = 0
  const keyOf = (assignment: Assignment) =>
    names.map((name) => (Object.hasOwn(assignment, name) ? `${typeof assignment[name]} ${assignment[name]}` : '')).join('\n')
  return (assignment, { trials }) => {
    if (trials !== seen || trials.length < count) [known, seen, count] = [new Set(), trials, 0]
    for (; count < trials.length; count++) known.add(keyOf(trials[count]!.assignment))
    return known.has(keyOf(assignment))
  }
}

/** The first loss of a trial that something can be learnt from: it has one, and its values are of this space. */
export function lossOf({ losses, assignment }: TrialView, space: SearchSpace): number | undefined {
  return space.problem(assignment) === undefined ? losses?.[0] : undefined
}
