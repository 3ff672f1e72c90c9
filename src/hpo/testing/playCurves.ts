/** A study without a driver whose trials are learning curves: simulated workers, the real mind of the study, and a clock of its own. */
import { type Random, random } from '../../core/random.ts'
import type { TrialEntry } from '../ledger.ts'
import type { Pruner } from '../pruner.ts'
import { sorted } from '../pruners/sorted.ts'
import type { Sampler } from '../sampler.ts'
import { random as randomSampler } from '../samplers/random.ts'
import type { StudySettings } from '../settings.ts'
import { createStudy, type Study, type TimedEvent } from '../study.ts'
import type { Curve, Curves } from './curves.ts'

export interface CurvePlay {
  readonly pruner: Pruner
  readonly curves: Curves
  /** Default: random search. The same seed gives the same points, whatever the pruner. */
  readonly sampler?: Sampler
  /** How many trials are wanted. */
  readonly trials: number
  readonly workers?: number
  readonly seed?: number
  /** Of the metric: with 'maximize' the trials report the negative loss. Default 'minimize'. */
  readonly direction?: 'maximize' | 'minimize'
  /** How much the workers differ: standard deviation of the logarithm of their speed. Default 0.3. */
  readonly spread?: number
  /** How likely it is, at each report, that the trial fails, that its worker dies, and that it is taken away. Default never. */
  readonly faults?: { readonly failed?: number; readonly lost?: number; readonly preempted?: number }
  /** After how many reports to leave the study as it is. */
  readonly reports?: number
  /** Ends the study when a trial's level has come down to this. */
  readonly target?: number
}

export interface CurvesPlayed {
  readonly study: Study
  readonly settings: StudySettings
  /** Its whole log. */
  readonly events: readonly TimedEvent[]
  /** How many reports were trained for, those trained for again included. */
  readonly resource: number
  /** When the last trial ended; a report takes a worker of mean speed about 1. */
  readonly time: number
  /** Each time the smallest level went down. */
  readonly history: readonly { readonly time: number; readonly resource: number; readonly best: number }[]
  /** Why there was nothing more to do. */
  readonly done: string | undefined
}

/** What a worker does next, and when. */
interface Task {
  readonly time: number
  readonly order: number
  readonly worker: number
  readonly run: () => void
}

interface State {
  readonly level: number
  /** How many stretches of training lie behind it. */
  readonly trained: number
}

/** From a verdict until the worker is free again. */
const leaving = 0.1
/** From the loss of a worker until it is there again. */
const restart = 1

export function settingsOf({ curves, trials, workers = 1, seed = 0, direction = 'minimize' }: Omit<CurvePlay, 'pruner'>): StudySettings {
  return {
    objectives: [{ metric: 'loss', direction }],
    space: curves.space.dimensions,
    defaults: {},
    sampler: { kind: 'custom' },
    pruner: { kind: 'custom' },
    seed,
    wanted: { trials },
    workers,
    engine: 'simulated',
  }
}

/**
 * Plays a study to its end. Everything follows from the seed.
 *
 * @throws Error where a study ends although trials are open that nobody paused
 * @example `playCurves({ pruner: pruners.asha(), curves: curves.power(), trials: 200, workers: 16 }).resource`
 */
export function playCurves(play: CurvePlay): CurvesPlayed {
  const { pruner, curves, sampler = randomSampler(), workers = 1, seed = 0, direction = 'minimize', spread = 0.3, faults = {} } = play
  const settings = settingsOf(play)
  const sign = direction === 'maximize' ? -1 : 1
  const chance = random(seed).fork('play')
  const speeds = Array.from({ length: workers }, (_, worker) => Math.exp(spread * chance.fork('speed', worker).normal()))
  const tasks = sorted<Task>((a, b) => a.time - b.time || a.order - b.order)
  const events: TimedEvent[] = []
  const history: { time: number; resource: number; best: number }[] = []
  const traits = new Map<number, { readonly curve: Curve; readonly chance: Random }>()
  /** The newest checkpoint of each trial, and the one before. */
  const checkpoints = new Map<number, readonly State[]>()
  let idle = Array.from({ length: workers }, (_, worker) => worker)
  let now = 0
  let order = 0
  let resource = 0
  let best = Number.POSITIVE_INFINITY
  let done: string | undefined
  let left = false

  const study = createStudy(
    settings,
    { sampler, pruner },
    [],
    () => now,
    (event) => void events.push({ event, time: now }),
  )
  const later = (worker: number, delay: number, run: () => void) => tasks.add({ time: now + delay, order: order++, worker, run })
  const free = (worker: number, delay: number, what: () => void) =>
    later(worker, delay, () => {
      what()
      idle.push(worker)
    })
  const metricsOf = (level: number) => ({ loss: Number.isFinite(level) ? sign * level : Number.NaN })

  const traitsOf = ({ number, assignment }: TrialEntry) => {
    const known = traits.get(number)
    if (known) return known
    const fresh = { curve: curves.curve(assignment), chance: chance.fork('trial', number) }
    traits.set(number, fresh)
    return fresh
  }

  const stateOf = (entry: TrialEntry): State => {
    const [own] = checkpoints.get(entry.number) ?? []
    const [parents] = entry.parent === undefined ? [] : (checkpoints.get(entry.parent) ?? [])
    return own ?? parents ?? { level: traitsOf(entry).curve.start, trained: 0 }
  }

  /** Trains for one more report, then does as it is told. */
  const train = (worker: number, entry: TrialEntry, { level, trained }: State) => {
    const { curve, chance: luck } = traitsOf(entry)
    if (trained >= curve.length) {
      free(worker, leaving, () => study.end(entry, 'finished', metricsOf(level)))
      return
    }
    later(worker, (0.9 + 0.2 * luck.uniform()) / speeds[worker]!, () => {
      resource++
      const state = { level: curve.after(level, trained), trained: trained + 1 }
      const reported = state.level + curve.noise(trained)
      if (state.level < best) {
        best = state.level
        history.push({ time: now, resource, best })
      }
      const fate = luck.uniform()
      const { failed = 0, lost = 0, preempted = 0 } = faults
      if (fate < failed) {
        free(worker, leaving, () => study.fail(entry, { message: 'an error of its own' }))
        return
      }
      const verdict = study.report(entry, curve.step(trained), metricsOf(reported))
      if (fate < failed + lost + preempted) {
        // Its worker dies before it hears the verdict, and before the newest checkpoint is kept.
        free(worker, restart, () => study.giveBack(entry, fate < failed + lost ? 'lost' : 'preempted', 'its worker died'))
        return
      }
      checkpoints.set(entry.number, [state, ...(checkpoints.get(entry.number) ?? [])].slice(0, 2))
      if (verdict === 'stop') free(worker, leaving, () => study.end(entry, 'pruned', {}))
      else if (verdict === 'pause') free(worker, leaving, () => study.pause(entry))
      else train(worker, entry, state)
    })
  }

  const handOut = () => {
    while (idle.length > 0 && !left) {
      const worker = idle[0]!
      const next = study.next(worker)
      if (next.kind !== 'trial') {
        if (tasks.size === 0) done = next.reason
        return
      }
      idle = idle.slice(1)
      train(worker, next.trial, stateOf(next.trial))
    }
  }

  handOut()
  for (let task = tasks.at(0); task && !left; task = tasks.at(0)) {
    tasks.delete(task)
    now = task.time
    task.run()
    left = best <= (play.target ?? Number.NEGATIVE_INFINITY) || resource >= (play.reports ?? Number.POSITIVE_INFINITY)
    handOut()
  }
  if (!left) {
    study.closePaused()
    const [open] = study.ledger.view.open
    if (open) throw new Error(`${pruner.name} ended the study ('${done}'), but trial ${open.number} is ${open.state}`)
  }
  return { study, settings, events, resource, time: now, history, done }
}
