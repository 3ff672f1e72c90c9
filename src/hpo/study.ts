/**
 * The mind of a study: which trial comes next, and what becomes of one after a report. It knows nothing of workers, clocks or
 * stores: it turns what happens into events, and what it knows follows from the events alone.
 */
import { fail, failBecause, messageOf, TuttiError } from '../core/errors.ts'
import { type Random, random } from '../core/random.ts'
import { suggest } from '../core/suggest.ts'
import { type Assignment, type SearchSpace, searchSpace, type Value } from '../space/index.ts'
import type { StudyEvent, StudyEventOf } from './events.ts'
import { createLedger, isBetter, type Ledger, project, type TrialEntry, valuesOf } from './ledger.ts'
import type { Move, Pruner, Pruning, Verdict } from './pruner.ts'
import type { Metrics } from './record.ts'
import type { Ask, Sampler, Sampling } from './sampler.ts'
import type { StudySettings } from './settings.ts'
import type { StudyFacts } from './trial.ts'

/** The parts of a study that are code. */
export interface StudyParts {
  readonly sampler: Sampler
  readonly pruner: Pruner
  readonly constraint?: (config: Readonly<Record<string, Value>>) => boolean
  /** A finite study: these trials and no others, in this order. */
  readonly plan?: readonly PlannedTrial[]
}

export interface PlannedTrial {
  readonly without: readonly string[]
  readonly seed: number
}

export interface TimedEvent {
  readonly event: StudyEvent
  readonly time: number
}

export type Next =
  | { readonly kind: 'trial'; readonly trial: TrialEntry }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'done'; readonly reason: string }

export interface Study {
  readonly settings: StudySettings
  readonly space: SearchSpace
  readonly ledger: Ledger
  /** Whether its trials are a plan, and how many trials there are to be in all, as far as that is known. */
  readonly planned: boolean
  readonly wanted: number | undefined
  /** Gives a free worker something to do, as events that have been applied. @throws SAMPLER_OUTSIDE, SAMPLER_THREW */
  next(worker: number): Next
  report(entry: TrialEntry, step: number, metrics: Metrics): Verdict
  pause(entry: TrialEntry): void
  /** A trial came to its end; what it reports is checked. */
  end(entry: TrialEntry, state: 'finished' | 'pruned', metrics: Metrics): void
  fail(entry: TrialEntry, error: { code?: string; message: string }): void
  /** Its worker died, or was taken away. */
  giveBack(entry: TrialEntry, why: 'lost' | 'preempted', reason: string): void
  /** Whether it would be the best trial, if it finished with these metrics now. */
  wouldBeBest(entry: TrialEntry, metrics: Metrics): boolean
  /**
   * A point to try before those of the sampler: keys of the config, what is left out has its default. One that an earlier driver
   * was given is not tried again for the same words: who goes on with a study says them once more. @throws ENQUEUE_OUTSIDE
   */
  enqueue(config: Assignment): void
  /** Tells the sampler what an older study found; false where that is outside the space. */
  warm(config: Assignment, values: readonly number[]): boolean
  /** Trials that wait for a promotion that will never come are pruned; whether there were any. */
  closePaused(): boolean
  emit(event: StudyEvent): void
  /** Lives through an event of a log once more; in words, where the sampler or the pruner now says something else than then. */
  replay(event: TimedEvent): string | undefined
}

/** How often a trial whose worker died is tried again. */
export const defaultRetries = 3

/**
 * A study whose log so far is `past`. The sampler is told what ended, and the pruner asked again what it was asked, so that
 * they know what they knew.
 *
 * @param record is called with every new event, after it was applied.
 */
export function createStudy(
  settings: StudySettings,
  parts: StudyParts,
  past: readonly TimedEvent[],
  now: () => number,
  record: (event: StudyEvent) => void,
): Study {
  const { objectives, defaults, seed, wanted, retries = defaultRetries, retryFailed = 0 } = settings
  const { constraint, plan } = parts
  const space = searchSpace(settings.space, { defaults, ...(constraint && { constraint }), mayBeEmpty: plan !== undefined })
  const ledger = createLedger({ objectives, space, defaults })
  const facts: StudyFacts = {
    space,
    objectives: objectives.length,
    directions: objectives.map(({ direction }) => direction),
    trials: wanted.trials,
    workers: Math.max(1, settings.workers),
  }
  const chance = random(seed).fork('study')
  const minds = begin(parts, facts, chance)
  const { view } = ledger

  const limit = () => (plan ? plan.length : (wanted.trials ?? Number.POSITIVE_INFINITY))
  const more = () => ledger.entries.length < limit()

  /** What samplers and pruners learn from an event that was applied. */
  const learn = (event: StudyEvent) => {
    if (event.kind !== 'end' && event.kind !== 'warm') return
    const trial = event.kind === 'end' ? ledger.entry(event.trial).view : view.ended.at(-1)
    if (!trial) return
    minds.tell(trial, view)
    if (event.kind === 'end') minds.ended(trial, view)
  }
  /** Recorded before anybody learns of it: what a sampler throws then must not undo what happened. */
  const emit = (event: StudyEvent) => {
    ledger.apply(event, now())
    record(event)
    learn(event)
  }

  /** A report that is applied by `use`, and what comes of it. */
  const judged = (entry: TrialEntry, step: number, use: () => void): Verdict => {
    const { view: trial, verdict: told } = entry
    const [seen, last] = [trial?.reports.length, entry.reports.at(-1)?.step]
    use()
    if (!trial) return 'go'
    if (trial.reports.length !== seen) return minds.judge(trial, view)
    // Its worker died before it could do what it was told after this report.
    return step === last ? told : 'go'
  }

  /** An event of the log: what was asked then is asked again. Tells where the answer is another one, if that is looked at. */
  const absorb = ({ event, time }: TimedEvent, check: boolean): string | undefined => {
    const difference = event.kind === 'ask' || event.kind === 'start' ? askAgain(event, check) : undefined
    if (event.kind === 'report') {
      const verdict = judged(ledger.entry(event.trial), event.step, () => ledger.apply(event, time))
      return verdict === event.verdict ? undefined : `after step ${event.step} the pruner said '${event.verdict}', and now '${verdict}'`
    }
    ledger.apply(event, time)
    learn(event)
    return difference
  }
  const askAgain = (event: StudyEventOf<'ask'> | StudyEventOf<'start'>, check: boolean): string | undefined => {
    const moves = event.kind === 'ask' ? event.origin !== 'plan' : ledger.entry(event.trial).view?.paused === true
    if (!moves) return undefined
    // A move that led to something is made again, so that the pruner remembers it.
    const move = minds.next(view, more())
    if (!check) return undefined
    if (event.kind === 'start') {
      // Where the sampler had no more points, the pruner was told so and asked again.
      const promotes = [move, minds.next(view, false)].some((one) => one.kind === 'resume' && one.trial === event.trial)
      return promotes ? undefined : `it was promoted, and now the pruner says '${move.kind}'`
    }
    if (event.origin === 'enqueued') return undefined
    const ask = event.origin === 'pruner' ? undefined : minds.ask(event.trial, view)
    const again = move.kind === 'exploit' ? move.assignment : ask?.kind === 'point' ? ask.assignment : undefined
    const [then, now] = [event.assignment, again ?? {}].map(textOf)
    return then === now ? undefined : `it was ${then}, and is now ${now}`
  }
  for (const timed of past) absorb(timed, false)
  const enqueuedBefore = past.flatMap(({ event }) => (event.kind === 'enqueue' ? [textOf(event.assignment)] : []))

  const make = (assignment: Assignment, origin: 'sampler' | 'enqueued' | 'pruner', parent?: number): TrialEntry => {
    const problem = outside(space, assignment)
    if (problem !== undefined) throw fail('SAMPLER_OUTSIDE', origin === 'pruner' ? parts.pruner.name : parts.sampler.name, problem)
    const trial = ledger.entries.length
    emit({ kind: 'ask', trial, assignment, seed, origin, ...(parent !== undefined && { parent }) })
    return ledger.entry(trial)
  }

  const choose = (): TrialEntry | Exclude<Next, { kind: 'trial' }> => {
    const [returned] = ledger.line
    if (returned) return returned
    const waiting = plan && ledger.entries.length < plan.length ? plan[ledger.entries.length] : undefined
    if (waiting) {
      const trial = ledger.entries.length
      emit({ kind: 'ask', trial, assignment: {}, seed: waiting.seed, origin: 'plan', without: [...waiting.without] })
      return ledger.entry(trial)
    }
    const move = minds.next(view, more())
    switch (move.kind) {
      case 'resume':
        return ledger.entry(move.trial)
      case 'exploit':
        return more() ? make(move.assignment, 'pruner', move.parent) : enough(limit())
      case 'wait':
      case 'done':
        return move
      case 'sample': {
        if (!more()) return enough(limit())
        const { queued } = ledger
        if (queued) return make(queued, 'enqueued')
        const ask = minds.ask(ledger.entries.length, view)
        if (ask.kind === 'point') return make(ask.assignment, 'sampler')
        // No new trials will come, or not before those that rest have ended: one of them may have earned to go on by that.
        const stuck = ask.kind === 'done' || ledger.counts.running === 0
        const last = stuck ? minds.next(view, false) : undefined
        if (last?.kind === 'resume') return ledger.entry(last.trial)
        return ask.kind === 'wait' && stuck && study.closePaused() ? choose() : ask
      }
      default:
        return move satisfies never
    }
  }

  const study: Study = {
    settings,
    space,
    ledger,
    planned: plan !== undefined,
    get wanted() {
      return Number.isFinite(limit()) ? limit() : undefined
    },
    emit,
    replay: (event) => absorb(event, true),
    next(worker) {
      const found = choose()
      if ('kind' in found) return found
      emit({ kind: 'start', trial: found.number, worker, attempt: found.attempts.length })
      return { kind: 'trial', trial: found }
    },
    report(entry, step, metrics) {
      const event = { kind: 'report', trial: entry.number, step, metrics } as const
      const verdict = judged(entry, step, () => ledger.apply({ ...event, verdict: 'go' }, now()))
      if (entry.verdict === 'go') entry.verdict = verdict
      record({ ...event, verdict })
      return verdict
    },
    pause: ({ number }) => emit({ kind: 'pause', trial: number }),
    end(entry, state, reported) {
      const metrics = { ...entry.metrics, ...reported }
      if (state === 'finished' && !valuesOf(objectives, metrics)) {
        const error = metricError(
          objectives.map(({ metric }) => metric),
          metrics,
        )
        study.fail(entry, { code: error.code, message: error.message })
        // What no trial has ever reported is misnamed in the file: all others would train to their end and say the same.
        const misnamed = objectives.some(
          ({ metric }) => !Object.hasOwn(metrics, metric) && !ledger.entries.some((one) => Object.hasOwn(one.metrics, metric)),
        )
        if (misnamed) throw error
        return
      }
      emit({ kind: 'end', trial: entry.number, state, metrics })
    },
    fail(entry, error) {
      if (entry.failures < retryFailed) emit({ kind: 'return', trial: entry.number, why: 'failed', reason: error.message })
      else emit({ kind: 'end', trial: entry.number, state: 'failed', metrics: entry.metrics, error })
    },
    giveBack(entry, why, reason) {
      // It was told to end, and has nothing left to do.
      if (entry.verdict === 'stop') study.end(entry, 'pruned', {})
      else if (why === 'lost' && entry.losses >= retries) {
        const { message } = fail('TRIAL_LOST', entry.number, entry.losses + 1, reason)
        emit({ kind: 'end', trial: entry.number, state: 'lost', metrics: entry.metrics, error: { code: 'TRIAL_LOST', message } })
      } else emit({ kind: 'return', trial: entry.number, why, reason })
    },
    wouldBeBest(entry, reported) {
      const values = valuesOf(objectives, { ...entry.metrics, ...reported })
      return values !== undefined && (!ledger.best?.values || isBetter(values, ledger.best.values, objectives))
    },
    enqueue(config) {
      const foreign = Object.keys(config).find((key) => !Object.hasOwn(settings.space, key))
      if (foreign !== undefined) throw fail('ENQUEUE_OUTSIDE', `'${foreign}' is not in the space. ${suggest(foreign, space.names)}`)
      const assignment: Record<string, Value> = {}
      const whole = { ...defaults, ...config }
      for (const name of space.names) {
        const value = whole[name]
        if (value !== undefined && space.active(assignment).includes(name)) assignment[name] = value
      }
      const problem = outside(space, assignment)
      if (problem !== undefined) throw fail('ENQUEUE_OUTSIDE', problem)
      const again = enqueuedBefore.indexOf(textOf(assignment))
      if (again >= 0) enqueuedBefore.splice(again, 1)
      else emit({ kind: 'enqueue', assignment })
    },
    warm(config, values) {
      if (!project(space, config, {})) return false
      emit({ kind: 'warm', config, values: [...values] })
      return true
    },
    closePaused() {
      const resting = ledger.entries.filter(({ paused }) => paused)
      for (const { number, metrics } of resting) emit({ kind: 'end', trial: number, state: 'pruned', metrics })
      return resting.length > 0
    },
  }
  return study
}

function textOf(assignment: Assignment): string {
  return JSON.stringify(Object.entries(assignment).sort())
}

/** What keeps a point from being tried, in words, if anything. */
function outside(space: SearchSpace, assignment: Assignment): string | undefined {
  return space.problem(assignment) ?? (space.feasible(assignment) ? undefined : 'the constraint does not hold for it')
}

function enough(limit: number): Next & { kind: 'done' } {
  return { kind: 'done', reason: `all ${limit} trials were begun` }
}

function metricError(wanted: readonly string[], metrics: Metrics): TuttiError {
  const missing = wanted.find((metric) => !Object.hasOwn(metrics, metric))
  return missing === undefined
    ? fail('METRIC_NAN', wanted.find((metric) => Number.isNaN(metrics[metric])) as string)
    : fail('METRIC_MISSING', missing, Object.keys(metrics))
}

type Minds = Required<Pick<Pruning, 'judge' | 'next' | 'ended'>> & Required<Sampling>

/** Sampler and pruner at work. What a custom one throws is told with its name. */
function begin({ sampler, pruner }: StudyParts, facts: StudyFacts, chance: Random): Minds {
  const named = <T>(name: string, what: string, use: () => T): T => {
    try {
      return use()
    } catch (error) {
      throw error instanceof TuttiError ? error : failBecause(error, 'SAMPLER_THREW', name, what, messageOf(error))
    }
  }
  if (facts.objectives > 1 && !sampler.multiObjective) throw fail('SAMPLER_ONE_OBJECTIVE', sampler.name, facts.objectives)
  const sampling: Sampling = named(sampler.name, 'begin', () => sampler.begin(facts, chance.fork('sampler')))
  const pruning: Pruning = named(pruner.name, 'begin', () => pruner.begin(facts, chance.fork('pruner')))
  return {
    ask: (number, study): Ask => named(sampler.name, 'ask', () => sampling.ask(number, study)),
    tell: (trial, study) => named(sampler.name, 'tell', () => sampling.tell?.(trial, study)),
    judge: (trial, study): Verdict => named(pruner.name, 'judge', () => pruning.judge(trial, study)),
    next: (study, more): Move => named(pruner.name, 'next', () => pruning.next?.(study, more) ?? { kind: 'sample' }),
    ended: (trial, study) => named(pruner.name, 'ended', () => pruning.ended?.(trial, study)),
  }
}
