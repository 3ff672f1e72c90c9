/** A study without a driver: one sampler, an objective that is a formula, and workers that are done in an order drawn by chance. */
import { type Random, random } from '../../core/random.ts'
import type { Assignment, SearchSpace } from '../../space/index.ts'
import type { Sampler, Sampling } from '../sampler.ts'
import type { ReportView, StudyFacts, StudyView, TrialState, TrialView } from '../trial.ts'

/** How a played trial ends: its loss, its losses, or a state with what it reported. */
export type Outcome =
  | number
  | readonly number[]
  | {
      readonly state: 'finished' | 'pruned' | 'failed' | 'lost'
      readonly losses?: readonly number[]
      readonly reports?: readonly ReportView[]
    }

export interface Play {
  readonly sampler: Sampler
  readonly space: SearchSpace
  /** Called when the trial ends; the chance is its own. */
  readonly objective: (assignment: Assignment, trial: TrialView, chance: Random) => Outcome
  /** How many trials are suggested. */
  readonly trials: number
  /** After how many results to stop, leaving the rest open; default all. */
  readonly results?: number
  readonly seed?: number
  /** How many trials are open at once; which of them ends next is drawn. Default 1. */
  readonly workers?: number
  /** What the sampler is told beyond the space; by default one objective, and the trials and workers above. */
  readonly facts?: Partial<StudyFacts>
  /** The first trials: points that the sampler is not asked for. */
  readonly enqueued?: readonly Assignment[]
}

export interface Played {
  readonly study: StudyView
  readonly facts: StudyFacts
  readonly sampling: Sampling
  /** Why the sampler had nothing more, if it had not. */
  readonly done: string | undefined
  /** The smallest first loss of finished trials; Infinity without any. */
  readonly best: number
}

/**
 * Plays a study to its end. Everything follows from the seed.
 *
 * @throws Error where the sampler breaks its contract: a point outside the space or not feasible, waiting for nobody
 * @example `playStudy({ sampler: random(), space, trials: 100, objective: ({ x }) => Number(x) ** 2 }).best`
 */
export function playStudy(play: Play): Played {
  const { sampler, space, objective, trials, results = trials, seed = 0, workers = 1, enqueued = [] } = play
  const facts: StudyFacts = { space, objectives: 1, trials, workers, ...play.facts }
  const sampling = begin(sampler, facts, seed)
  const study = blankStudy()
  const order = random(seed).fork('order')
  let done: string | undefined

  while (study.ended.length < results) {
    while (done === undefined && study.open.size < workers && study.trials.length < trials) {
      const number = study.trials.length
      const ask = number < enqueued.length ? { kind: 'point' as const, assignment: enqueued[number]! } : sampling.ask(number, study)
      if (ask.kind === 'wait') break
      if (ask.kind === 'done') done = ask.reason
      else study.add(checked(sampler, space, ask.assignment))
    }
    if (study.open.size === 0) {
      if (done !== undefined || study.trials.length >= trials) break
      throw new Error(`${sampler.name} waits although no trial is open`)
    }
    const trial = [...study.open][order.int(study.open.size)]!
    study.end(trial, objective(trial.assignment, trial, random(seed).fork('objective', trial.number)))
    sampling.tell?.(trial, study)
  }
  const finished = study.ended.filter(({ state }) => state === 'finished')
  return { study, facts, sampling, done, best: Math.min(...finished.map(({ losses }) => losses?.[0] ?? Number.POSITIVE_INFINITY)) }
}

/** Another instance of the sampler at work on the same study, which it learns of by telling alone, as when a driver comes back. */
export function retell(sampler: Sampler, { study, facts }: Pick<Played, 'study' | 'facts'>, seed = 0): Sampling {
  const sampling = begin(sampler, facts, seed)
  for (const trial of study.ended) sampling.tell?.(trial, study)
  return sampling
}

/** The next suggestions, each pending while the next is asked for; the study has them as open trials afterwards. */
export function suggestions(samplings: readonly Sampling[], study: StudyView, count: number): (Assignment | string)[][] {
  const all: (Assignment | string)[][] = samplings.map(() => [])
  for (let i = 0; i < count; i++) {
    const number = study.trials.length
    const asks = samplings.map((sampling) => sampling.ask(number, study))
    for (const [k, ask] of asks.entries()) all[k]!.push(ask.kind === 'point' ? ask.assignment : `${ask.kind}: ${ask.reason}`)
    if (asks[0]?.kind !== 'point') break
    ;(study as GrowingStudy).add(asks[0].assignment)
  }
  return all
}

/** A study view that can be added to. */
export interface GrowingStudy extends StudyView {
  /** A trial that runs. */
  add(assignment: Assignment): TrialView
  end(trial: TrialView, outcome: Outcome): void
}

export function blankStudy(): GrowingStudy {
  const trials: TrialView[] = []
  const ended: TrialView[] = []
  const open = new Set<TrialView>()
  return {
    trials,
    ended,
    open,
    add(assignment) {
      const state: TrialState = 'running'
      const trial: TrialView = { number: trials.length, state, assignment: Object.freeze({ ...assignment }), reports: [], paused: false }
      trials.push(trial)
      open.add(trial)
      return trial
    },
    end(trial, outcome) {
      const result =
        typeof outcome === 'number' ? { losses: [outcome] } : Array.isArray(outcome) ? { losses: outcome as readonly number[] } : outcome
      // The view is live: whoever holds the trial sees how it ended.
      Object.assign(trial, { state: 'finished' }, result)
      open.delete(trial)
      ended.push(trial)
    },
  }
}

function begin(sampler: Sampler, facts: StudyFacts, seed: number): Sampling {
  return sampler.begin(facts, random(seed).fork('sampler'))
}

function checked(sampler: Sampler, space: SearchSpace, assignment: Assignment): Assignment {
  const problem = space.problem(assignment) ?? (space.feasible(assignment) ? undefined : 'the constraint does not hold')
  if (problem !== undefined) throw new Error(`${sampler.name} suggested ${JSON.stringify(assignment)}: ${problem}`)
  return assignment
}
