/**
 * The contract of pruners: what becomes of a trial after a report, and which trial should go on when a worker is free.
 *
 * Laws, which `prunerConformance` checks: both are functions of the options, the facts, the seed, and the calls so far; a study
 * that goes on is rebuilt by making the same calls again: all of `judge` and `ended`, but of `next` only those that led to
 * something (resume, exploit, a new point), for a free worker asks again and again. So what leads to nothing is forgotten. The report judged is the trial's last, and `study` shows it.
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
  /** A new trial that begins with the checkpoint of another (population based training). */
  | { readonly kind: 'exploit'; readonly parent: number; readonly assignment: Assignment }
  /** Nothing until something is reported or ends: 'for a rung'. */
  | { readonly kind: 'wait'; readonly reason: string }
  /** No new trials any more. */
  | { readonly kind: 'done'; readonly reason: string }

export interface Pruner {
  readonly name: string
  begin(facts: StudyFacts, random: Random): Pruning
}

/** A pruner at work on one study. */
export interface Pruning {
  /** After each report; `loss` of it is `trial.reports.at(-1).loss`. */
  judge(trial: TrialView, study: StudyView): Verdict
  /** Asked when a worker is free; without it, always a new point. `more` tells whether new trials are still wanted. */
  next?(study: StudyView, more: boolean): Move
  /** After a trial ended, in whatever state. */
  ended?(trial: TrialView, study: StudyView): void
}
