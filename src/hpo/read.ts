/** Studies read from the store, by anybody and at any time: also while a driver works on them. */
import { fail, failBecause, messageOf, TuttiError } from '../core/errors.ts'
import type { Spec } from '../core/registry.ts'
import { searchSpace } from '../space/index.ts'
import type { RunRecord, Store } from '../store/index.ts'
import { parseEvent } from './events.ts'
import { createLedger } from './ledger.ts'
import type { StudyRecord, TrialRecord } from './record.ts'
import type { StudySettings } from './settings.ts'
import type { TimedEvent } from './study.ts'

const modes = ['study', 'ablation']

/** The log of a study. @throws STUDY_CORRUPT */
export async function logOf(store: Store, id: string): Promise<TimedEvent[]> {
  const events: TimedEvent[] = []
  for (const { kind, data, time } of await store.events(id)) {
    try {
      const event = parseEvent(kind, data)
      if (event) events.push({ event, time })
    } catch (error) {
      throw failBecause(error, 'STUDY_CORRUPT', `an event '${kind}' in it is not valid (${messageOf(error)})`)
    }
  }
  return events
}

/** The run of a study, by its name, the first letters of it, or 'last'. @throws STUDY_UNKNOWN, STUDY_NOT */
export async function findStudy(store: Store, reference: string): Promise<RunRecord> {
  const studies = async () => (await Promise.all(modes.map((mode) => store.runs({ mode })))).flat().sort((a, b) => b.created - a.created)
  if (reference === 'last') {
    const [newest] = await studies()
    if (!newest) throw fail('STUDY_UNKNOWN', reference, [])
    return newest
  }
  try {
    const run = await store.run(reference)
    if (!modes.includes(run.mode)) throw fail('STUDY_NOT', run.id, run.mode)
    return run
  } catch (error) {
    if (!(error instanceof TuttiError) || !['RUN_UNKNOWN', 'RUN_AMBIGUOUS'].includes(error.code)) throw error
    const all = await studies()
    const found = all.filter(({ id }) => id.startsWith(reference))
    if (found.length === 1 && reference !== '') return found[0] as RunRecord
    throw error.code === 'RUN_AMBIGUOUS'
      ? error
      : fail(
          'STUDY_UNKNOWN',
          reference,
          all.map(({ id }) => id),
        )
  }
}

/** @throws STUDY_UNKNOWN, STUDY_NOT, STUDY_CORRUPT */
export async function readStudy(store: Store, reference: string): Promise<StudyRecord> {
  const run = await findStudy(store, reference)
  return recordOf(run, await logOf(store, run.id))
}

/** All of them, the newest first. */
export async function readStudies(store: Store): Promise<StudyRecord[]> {
  const runs = (await Promise.all(modes.map((mode) => store.runs({ mode })))).flat().sort((a, b) => b.created - a.created)
  const studies: StudyRecord[] = []
  for (const run of runs) {
    const log = await logOf(store, run.id)
    // One whose driver was killed before its first word is not a study yet.
    if (log.length > 0) studies.push(recordOf(run, log))
  }
  return studies
}

function recordOf(run: RunRecord, events: readonly TimedEvent[]): StudyRecord {
  const settings = lastSettings(events)
  if (!settings) throw fail('STUDY_CORRUPT', 'it was never opened')
  const space = searchSpace(settings.space, { defaults: settings.defaults, mayBeEmpty: true })
  const ledger = createLedger({ objectives: settings.objectives, space, defaults: settings.defaults })
  let busy = 0
  let openedAt: number | undefined
  let lastTime = run.created
  for (const { event, time } of events) {
    if (event.kind === 'open') {
      if (openedAt !== undefined) busy += lastTime - openedAt
      openedAt = time
    }
    ledger.apply(event, time)
    lastTime = time
  }
  if (openedAt !== undefined) busy += (run.ended ?? lastTime) - openedAt
  const { waiting } = ledger
  const trials = ledger.entries.map((entry): TrialRecord => {
    const { losses: _losses, failures: _failures, verdict: _verdict, view: _view, paused, ...record } = entry
    const why = paused ? 'for a rung' : record.state === 'preempted' || record.state === 'waiting' ? (waiting ?? 'for a worker') : undefined
    return { ...record, ...(why !== undefined && { waiting: why }) }
  })
  const { ended, file, owner } = run
  return {
    ...{ id: run.id, name: run.name, mode: run.mode, status: run.status, created: run.created, busy, trials },
    ...{ objectives: settings.objectives, space: settings.space, defaults: settings.defaults, seed: settings.seed },
    ...{ sampler: nameOf(settings.sampler), pruner: nameOf(settings.pruner), workers: settings.workers, engine: settings.engine },
    wanted: {
      ...(settings.wanted.trials !== undefined && { trials: settings.wanted.trials }),
      ...(settings.wanted.timeout !== undefined && { timeout: settings.wanted.timeout }),
    },
    ...(settings.cv !== undefined && { cv: settings.cv }),
    ...(settings.fixed && { fixed: settings.fixed }),
    ...(file !== undefined && { file }),
    ...(ended !== undefined && { ended }),
    ...(owner !== undefined && { owner }),
    ...(waiting !== undefined && { waiting }),
    ...(ledger.met.size > 0 && { met: [...ledger.met] }),
    ...(ledger.shared && { shared: true }),
    ...(ledger.model !== undefined && { model: ledger.model }),
  }
}

export function lastSettings(events: readonly TimedEvent[]): StudySettings | undefined {
  const event = events.findLast((timed) => timed.event.kind === 'open')?.event
  return event?.kind === 'open' ? event.settings : undefined
}

/** The settings a study had last; undefined where there is no such study. @throws STUDY_CORRUPT */
export async function settingsOf(store: Store, id: string): Promise<StudySettings | undefined> {
  const found = (await store.runs()).find((run) => run.id === id)
  return found && modes.includes(found.mode) ? lastSettings(await logOf(store, id)) : undefined
}

/** Of a custom one the name it gave itself. */
function nameOf({ kind, name }: Spec): string {
  return kind === 'custom' && typeof name === 'string' ? name : kind
}
