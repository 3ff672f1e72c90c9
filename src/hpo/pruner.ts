/**
 * The contract of pruners: what becomes of a trial after a report, and which trial should go on when a worker is free.
 *
 * Laws, which `prunerConformance` checks:
 * - All answers are functions of the options, the facts, the seed, the calls of `judge` and `ended` so far, and what the view
 *   shows. A study that goes on is rebuilt by making these calls again, while the view goes through the same states.
 * - `next` is a question: asking it changes nothing, for a free worker asks again and again, and a driver may die before it does
 *   what was answered. What came of an answer shows in the view (a trial no longer paused, one with a parent). So of `next`
 *   only those calls are made again that led to something (a trial begun or resumed).
 * - What is wanted of a study may change when it goes on: nothing is remembered that follows from `facts.trials` or `facts.workers`.
 * - A verdict is no deed. A trial told to pause is paused once the view says so; it may end before, or lose its worker, run again
 *   from its last checkpoint and report later steps. Told to stop, it may do so too. The report judged is the trial's last, its
 *   step a new one, and views of trials are live.
 * - 'wait' is only answered while some open trial is not paused; it is the answer to every free worker until a report is judged
 *   or a trial ends. 'done' is only answered where no paused trial will go on unless new ones come: they are then pruned.
 *   Without `more`, neither 'sample' nor 'exploit' is answered.
 */
import type { Random } from '../core/random.ts'
import type { Assignment } from '../space/index.ts'
import type { StudyFacts, StudyView, TrialView } from './trial.ts'

/** go on; stop for ever (pruned); or pause with a checkpoint, until `next` promotes it. */
export type Verdict = 'go' | 'stop' | 'pause'

/** What a free worker should do. */
export type Move =
  /** A new point of the sampler. */
  | { readonly kind: 'sample' }
  /** A paused trial goes on from its checkpoint. */
  | { readonly kind: 'resume'; readonly trial: number }
  /** A new trial that begins with the latest checkpoint of another, which is open (population based training). */
  | { readonly kind: 'exploit'; readonly parent: number; readonly assignment: Assignment }
  /** Nothing until something is reported or ends: 'for a rung'. */
  | { readonly kind: 'wait'; readonly reason: string }
  /** Nothing any more: paused trials will not go on. */
  | { readonly kind: 'done'; readonly reason: string }

export interface Pruner {
  readonly name: string
  /** Whether it pauses trials or begins them with the checkpoints of others, so that trials must be able to go on from one. */
  readonly checkpoints?: boolean
  /** @throws BAD_OPTION for options that do not fit the space */
  begin(facts: StudyFacts, random: Random): Pruning
}

/** A pruner at work on one study. */
export interface Pruning {
  /** After each report; `loss` of it is `trial.reports.at(-1).loss`. */
  judge(trial: TrialView, study: StudyView): Verdict
  /** Asked when a worker is free; without it, always a new point. `more` tells whether new trials can still be had. */
  next?(study: StudyView, more: boolean): Move
  /** After a trial ended, in whatever state. */
  ended?(trial: TrialView, study: StudyView): void
}
