/**
 * The contract of samplers: ask and tell.
 *
 * Laws, which `samplerConformance` checks:
 * - A point is in the space and feasible.
 * - `ask` is a function of the options, the facts, the seed, the trial's number, and what the study view shows; nothing of
 *   clocks, and no chance but `random.fork('ask', number)`. Whoever is told the same story gives the same suggestions.
 * - `tell` comes once for each trial that ended, in the order of arrival, also for trials this instance was never asked for: a
 *   study that goes on is rebuilt by telling alone.
 */
import type { Random } from '../core/random.ts'
import type { Assignment } from '../space/index.ts'
import type { StudyFacts, StudyView, TrialView } from './trial.ts'

export type Ask =
  | { readonly kind: 'point'; readonly assignment: Assignment }
  /** Nothing until another trial has ended. The reason is shown to people: 'for its generation'. */
  | { readonly kind: 'wait'; readonly reason: string }
  /** Nothing any more: 'all 24 points of the grid were tried'. */
  | { readonly kind: 'done'; readonly reason: string }

export interface Sampler {
  readonly name: string
  /** Whether it can weigh several objectives; one that cannot is refused for them. */
  readonly multiObjective?: boolean
  /** Whether its points are known beforehand: nothing that trials find changes them. Then trials may share their work. */
  readonly blind?: boolean
  /** @throws SAMPLER_UNFIT where it cannot search this space, with the reason */
  begin(facts: StudyFacts, random: Random): Sampling
}

/** A sampler at work on one study. */
export interface Sampling {
  ask(number: number, study: StudyView): Ask
  tell?(trial: TrialView, study: StudyView): void
}

export const point = (assignment: Assignment): Ask => ({ kind: 'point', assignment })
