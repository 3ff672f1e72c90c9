/** The state of a study's trials, as its log tells it. Applying the same events gives the same state. */
import { fail } from '../core/errors.ts'
import type { Assignment, SearchSpace, Value } from '../space/index.ts'
import type { StudyEvent, StudyEventOf } from './events.ts'
import type { AttemptRecord, Metrics, Objective, ReportRecord, TrialRecord } from './record.ts'
import type { ReportView, StudyView, TrialState, TrialView } from './trial.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A trial both as its record and as samplers and pruners see it. */
export interface TrialEntry extends Omit<Writable<TrialRecord>, 'reports' | 'attempts' | 'state'> {
  state: TrialState
  readonly reports: ReportRecord[]
  readonly attempts: Writable<AttemptRecord>[]
  /** How often its worker died, and how often it failed by itself. */
  losses: number
  failures: number
  /** Undefined where it lies outside the space as it now is: samplers and pruners do not see it. */
  view: Writable<TrialView> | undefined
}

export interface Ledger {
  readonly entries: readonly TrialEntry[]
  readonly view: StudyView
  /** Points that are to be tried first. */
  readonly queue: Assignment[]
  /** Trials that go on before new ones: returned ones, the oldest first. */
  readonly line: TrialEntry[]
  readonly counts: Record<TrialState, number>
  /** The best finished trial by the first objective. */
  readonly best: TrialEntry | undefined
  readonly waiting: string | undefined
  /** The trial whose model is kept. */
  readonly model: number | undefined
  apply(event: StudyEvent, time: number): void
  entry(trial: number): TrialEntry
}

export interface LedgerOptions {
  readonly objectives: readonly Objective[]
  readonly space: SearchSpace
  readonly defaults: Readonly<Record<string, Value>>
}

export function createLedger({ objectives, space, defaults }: LedgerOptions): Ledger {
  const entries: TrialEntry[] = []
  const queue: Assignment[] = []
  const line: TrialEntry[] = []
  const views: TrialView[] = []
  const ended: TrialView[] = []
  const open = new Set<TrialView>()
  const counts: Record<TrialState, number> = { waiting: 0, running: 0, pruned: 0, finished: 0, failed: 0, lost: 0, preempted: 0 }
  let best: TrialEntry | undefined
  let warmed = 0
  let waiting: string | undefined
  let model: number | undefined

  const entryOf = (trial: number): TrialEntry => {
    const entry = entries[trial]
    if (!entry) throw fail('STUDY_CORRUPT', `it speaks of trial ${trial}, which it never made`)
    return entry
  }
  const move = (entry: TrialEntry, state: TrialState) => {
    counts[entry.state]--
    counts[state]++
    entry.state = state
    if (entry.view) entry.view.state = state
  }
  const leave = (entry: TrialEntry, time: number, how: string) => {
    const attempt = entry.attempts.at(-1)
    if (attempt && attempt.end === undefined) Object.assign(attempt, { end: time, how })
  }

  const on: { readonly [K in StudyEvent['kind']]: (event: StudyEventOf<K>, time: number) => void } = {
    open() {},
    enqueue: ({ assignment }) => void queue.push(assignment),
    warm({ config, values }) {
      const assignment = project(space, config, {})
      if (!assignment) return
      const view: TrialView = {
        ...{ number: -1 - warmed++, state: 'finished', assignment, reports: [], paused: false },
        losses: lossesOf(objectives, values),
      }
      views.push(view)
      ended.push(view)
    },
    ask({ trial, assignment, seed, origin, parent, without }, time) {
      if (trial !== entries.length) throw fail('STUDY_CORRUPT', `trial ${trial} was made after ${entries.length} others`)
      const config = { ...defaults, ...assignment }
      const shown = project(space, config, assignment)
      const view: TrialView | undefined = shown && {
        number: trial,
        state: 'waiting',
        assignment: shown,
        reports: [],
        paused: false,
        ...(parent !== undefined && { parent }),
      }
      const entry: TrialEntry = {
        ...{ number: trial, state: 'waiting', assignment, config, seed, origin, metrics: {}, reports: [], attempts: [] },
        ...{ created: time, losses: 0, failures: 0, view },
        ...(parent !== undefined && { parent }),
        ...(without !== undefined && { without }),
      }
      if (origin === 'enqueued') queue.shift()
      entries.push(entry)
      counts.waiting++
      if (!view) return
      views.push(view)
      open.add(view)
    },
    start({ trial, worker }, time) {
      const entry = entryOf(trial)
      move(entry, 'running')
      if (entry.view) entry.view.paused = false
      entry.attempts.push({ worker, begin: time })
      const at = line.indexOf(entry)
      if (at >= 0) line.splice(at, 1)
    },
    report({ trial, step, metrics }, time) {
      const entry = entryOf(trial)
      entry.metrics = { ...entry.metrics, ...metrics }
      const again = entry.reports.findLastIndex((report) => report.step === step)
      if (again >= 0) {
        entry.reports[again] = { step, metrics: { ...entry.reports[again]?.metrics, ...metrics }, time }
        return
      }
      entry.reports.push({ step, metrics, time })
      const loss = firstLoss(objectives, metrics)
      if (entry.view && loss !== undefined) (entry.view.reports as ReportView[]).push({ step, loss })
    },
    pause({ trial }, time) {
      const entry = entryOf(trial)
      leave(entry, time, 'paused')
      move(entry, 'waiting')
      if (entry.view) entry.view.paused = true
    },
    return({ trial, why }, time) {
      const entry = entryOf(trial)
      leave(entry, time, why)
      if (why === 'lost') entry.losses++
      move(entry, why === 'lost' ? 'waiting' : 'preempted')
      line.push(entry)
    },
    end({ trial, state, metrics, error }, time) {
      const entry = entryOf(trial)
      leave(entry, time, state)
      entry.metrics = metrics
      entry.ended = time
      const at = line.indexOf(entry)
      if (at >= 0) line.splice(at, 1)
      if (error) entry.error = error as NonNullable<TrialEntry['error']>
      const values = state === 'finished' || state === 'pruned' ? valuesOf(objectives, metrics) : undefined
      if (values) entry.values = values
      move(entry, state)
      if (state === 'finished' && values && (!best || isBetter(values, best.values as readonly number[], objectives))) best = entry
      const { view } = entry
      if (!view) return
      view.paused = false
      if (values) view.losses = lossesOf(objectives, values)
      open.delete(view)
      ended.push(view)
    },
    waiting: ({ reason }) => void (waiting = reason ?? undefined),
    model: ({ trial }) => void (model = trial),
    close() {
      waiting = undefined
    },
  }

  return {
    entries,
    queue,
    line,
    counts,
    view: { trials: views, ended, open },
    get best() {
      return best
    },
    get waiting() {
      return waiting
    },
    get model() {
      return model
    },
    apply: (event, time) => (on[event.kind] as (event: StudyEvent, time: number) => void)(event, time),
    entry: entryOf,
  }
}

/** The objectives' values; undefined where one is missing or not a number. */
export function valuesOf(objectives: readonly Objective[], metrics: Metrics): number[] | undefined {
  const values = objectives.map(({ metric }) => (Object.hasOwn(metrics, metric) ? (metrics[metric] as number) : Number.NaN))
  return values.some(Number.isNaN) ? undefined : values
}

export function lossesOf(objectives: readonly Objective[], values: readonly number[]): number[] {
  return values.map((value, i) => (objectives[i]?.direction === 'maximize' ? -value : value))
}

/** Undefined where the report does not speak of the first objective. */
function firstLoss([first]: readonly Objective[], metrics: Metrics): number | undefined {
  if (!first || !Object.hasOwn(metrics, first.metric)) return undefined
  const value = metrics[first.metric] as number
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : first.direction === 'maximize' ? -value : value
}

function isBetter(values: readonly number[], than: readonly number[], [first]: readonly Objective[]): boolean {
  const [a, b] = [values[0] as number, than[0] as number]
  return first?.direction === 'maximize' ? a > b : a < b
}

/**
 * A point in the space as it now is. A study may go on with a wider space: a dimension that is new had, in older trials, the
 * config's own value.
 */
export function project(space: SearchSpace, config: Readonly<Record<string, Value>>, assignment: Assignment): Assignment | undefined {
  if (space.problem(assignment) === undefined) return assignment
  const shown: Record<string, Value> = {}
  for (let changed = true; changed; ) {
    changed = false
    for (const name of space.active(shown)) {
      if (Object.hasOwn(shown, name) || !Object.hasOwn(config, name)) continue
      shown[name] = config[name] as Value
      changed = true
    }
  }
  return space.problem(shown) === undefined ? shown : undefined
}
