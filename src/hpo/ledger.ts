/** The state of a study's trials, as its log tells it. Applying the same events gives the same state. */
import { fail } from '../core/errors.ts'
import type { Assignment, SearchSpace, Value } from '../space/index.ts'
import type { StudyEvent, StudyEventOf } from './events.ts'
import type { Verdict } from './pruner.ts'
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
  /** Whether it waits to be promoted, and what it was told after its last report and has not done yet. */
  paused: boolean
  verdict: Verdict
  /** Undefined where it lies outside the space as it now is: samplers and pruners do not see it. */
  view: Writable<TrialView> | undefined
}

export interface Ledger {
  readonly entries: readonly TrialEntry[]
  readonly view: StudyView
  /** The first of the points that are to be tried before others; those that a changed space has no place for are passed over. */
  readonly queued: Assignment | undefined
  /** Trials that go on before new ones: returned ones, and one that was made and not begun; the oldest first. */
  readonly line: readonly TrialEntry[]
  readonly counts: Record<TrialState, number>
  /** The best finished trial by the first objective. */
  readonly best: TrialEntry | undefined
  readonly waiting: string | undefined
  /** Components of the user's own that trials met, of an ablation. */
  readonly met: ReadonlySet<string>
  /** Whether trials waited for work that they shared. */
  readonly shared: boolean
  /** The trial whose model is kept. */
  readonly model: number | undefined
  apply(event: StudyEvent, time: number): void
  entry(trial: number): TrialEntry
}

export interface LedgerOptions {
  readonly objectives: readonly Objective[]
  readonly space: SearchSpace
  /** Those of today: a trial's config is made with those of its own time. */
  readonly defaults: Readonly<Record<string, Value>>
}

export function createLedger({ objectives, space, defaults: today }: LedgerOptions): Ledger {
  const entries: TrialEntry[] = []
  const queue: Assignment[] = []
  const line: TrialEntry[] = []
  const views: TrialView[] = []
  const ended: TrialView[] = []
  const open = new Set<TrialView>()
  const counts: Record<TrialState, number> = { waiting: 0, running: 0, pruned: 0, finished: 0, failed: 0, lost: 0, preempted: 0 }
  let best: TrialEntry | undefined
  const met = new Set<string>()
  let warmed = 0
  let waiting: string | undefined
  let model: number | undefined
  let shared = false
  let defaults = today

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
  const rest = (entry: TrialEntry, paused: boolean) => {
    entry.paused = paused
    if (entry.view) entry.view.paused = paused
  }
  const leaveLine = (entry: TrialEntry) => {
    const at = line.indexOf(entry)
    if (at >= 0) line.splice(at, 1)
  }
  /** With another value than today's of something that is no longer searched. */
  const liesElsewhere = (assignment: Assignment) =>
    Object.keys(assignment).some((name) => !Object.hasOwn(space.dimensions, name) && assignment[name] !== today[name])
  const leave = (entry: TrialEntry, time: number, how: string) => {
    const attempt = entry.attempts.at(-1)
    if (attempt && attempt.end === undefined) Object.assign(attempt, { end: time, how })
  }

  const on: { readonly [K in StudyEvent['kind']]: (event: StudyEventOf<K>, time: number) => void } = {
    open({ settings }) {
      defaults = settings.defaults
      waiting = undefined
    },
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
      const shown = liesElsewhere(assignment) ? undefined : project(space, config, assignment)
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
        ...{ created: time, losses: 0, failures: 0, paused: false, verdict: 'go', view },
        ...(parent !== undefined && { parent }),
        ...(without !== undefined && { without }),
      }
      if (origin === 'enqueued') queue.splice(Math.max(0, queue.findIndex(agreesWith(assignment))), 1)
      entries.push(entry)
      line.push(entry)
      counts.waiting++
      if (!view) return
      views.push(view)
      open.add(view)
    },
    start({ trial, worker }, time) {
      const entry = entryOf(trial)
      move(entry, 'running')
      rest(entry, false)
      entry.attempts.push({ worker, begin: time })
      leaveLine(entry)
    },
    report({ trial, step, metrics, verdict }, time) {
      const entry = entryOf(trial)
      entry.metrics = { ...entry.metrics, ...metrics }
      const seen = entry.view?.reports as ReportView[] | undefined
      const loss = firstLoss(objectives, metrics)
      const fresh = loss !== undefined && step > (seen?.at(-1)?.step ?? Number.NEGATIVE_INFINITY)
      if (fresh) seen?.push({ step, loss })
      // What it was told after its last report stands while it does again what came before.
      if (fresh || step >= (entry.reports.at(-1)?.step ?? step)) entry.verdict = verdict
      keepReport(entry.reports, { step, metrics, time })
    },
    pause({ trial }, time) {
      const entry = entryOf(trial)
      leave(entry, time, 'paused')
      move(entry, 'waiting')
      rest(entry, true)
      entry.verdict = 'go'
    },
    return({ trial, why }, time) {
      const entry = entryOf(trial)
      leave(entry, time, why)
      if (why === 'lost') entry.losses++
      if (why === 'failed') entry.failures++
      move(entry, why === 'preempted' ? 'preempted' : 'waiting')
      line.push(entry)
    },
    end({ trial, state, metrics, error }, time) {
      const entry = entryOf(trial)
      leave(entry, time, state)
      entry.metrics = metrics
      entry.ended = time
      rest(entry, false)
      leaveLine(entry)
      if (error) entry.error = error as NonNullable<TrialEntry['error']>
      const values = state === 'finished' || state === 'pruned' ? valuesOf(objectives, metrics) : undefined
      if (values) entry.values = values
      move(entry, state)
      if (state === 'finished' && values && (!best || isBetter(values, best.values as readonly number[], objectives))) best = entry
      const { view } = entry
      if (!view) return
      if (values) view.losses = lossesOf(objectives, values)
      open.delete(view)
      ended.push(view)
    },
    waiting: ({ reason }) => void (waiting = reason ?? undefined),
    met({ components }) {
      for (const name of components) met.add(name)
    },
    model: ({ trial }) => void (model = trial),
    shared: () => void (shared = true),
    close() {
      waiting = undefined
    },
  }

  return {
    entries,
    line,
    counts,
    view: { trials: views, ended, open },
    get queued() {
      for (const point of queue) {
        const shown = liesElsewhere(point) ? undefined : project(space, { ...today, ...point }, point)
        if (shown && space.feasible(shown)) return shown
      }
      return undefined
    },
    get best() {
      return best
    },
    get waiting() {
      return waiting
    },
    met,
    get shared() {
      return shared
    },
    get model() {
      return model
    },
    apply: (event, time) => (on[event.kind] as (event: StudyEvent, time: number) => void)(event, time),
    entry: entryOf,
  }
}

/** In order of step; of one that comes again, what it says later counts. */
function keepReport(reports: ReportRecord[], { step, metrics, time }: ReportRecord): void {
  let at = reports.length
  while (at > 0 && (reports[at - 1] as ReportRecord).step > step) at--
  const before = reports[at - 1]
  if (before?.step === step) reports[at - 1] = { step, metrics: { ...before.metrics, ...metrics }, time }
  else reports.splice(at, 0, { step, metrics, time })
}

/** Whether it is the same point, perhaps of a space that has since got or lost a dimension. */
function agreesWith(assignment: Assignment): (other: Assignment) => boolean {
  return (other) => Object.keys(other).every((name) => !Object.hasOwn(assignment, name) || assignment[name] === other[name])
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

export function isBetter(values: readonly number[], than: readonly number[], [first]: readonly Objective[]): boolean {
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
