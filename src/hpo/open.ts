/** Studies in the store: opening one to work on it, and its log and checkpoints there. */
import type { Clock } from '../core/clock.ts'
import { fail, TuttiError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Config, RunWriter, Store } from '../store/index.ts'
import type { StudyEvent } from './events.ts'
import type { StudyLog } from './log.ts'
import { lastSettings, logOf } from './read.ts'
import type { StudySettings } from './settings.ts'
import { createStudy, type Study, type StudyParts, type TimedEvent } from './study.ts'

export interface OpenStudy {
  /** Of the training. */
  readonly name: string
  /** 'study' or 'ablation'. */
  readonly mode: string
  /** The study's name; one that exists is gone on with. */
  readonly id?: string
  readonly file?: string
  readonly facts?: Config
  /** Settings, given those the study had last, if it has been before. */
  readonly settings: (before: StudySettings | undefined) => StudySettings
  /** The parts, which may follow from what happened so far. */
  readonly parts: StudyParts
}

export interface OpenedStudy {
  readonly id: string
  readonly study: Study
  readonly log: StudyLog
  readonly writer: RunWriter
  /** Whether it goes on. */
  readonly resumed: boolean
}

/**
 * Opens a study to drive it: a new one, or one that goes on where its log ends. What ran when its driver died is waiting again.
 * One that cannot go on like this is left as it was.
 *
 * @throws STUDY_DRIVEN, STUDY_NOT, STUDY_CHANGED, STUDY_CORRUPT, and what the sampler and the pruner throw
 */
export async function openStudy(store: Store, clock: Clock, options: OpenStudy): Promise<OpenedStudy> {
  const { id } = options
  // Tried first with nothing written: what is wrong is found before the study is touched.
  const exists = id !== undefined && (await has(store, id))
  const first = prepare(options, exists ? await pastOf(store, options) : [], clock, () => undefined)
  const writer = exists ? await claim(store, id, clock) : await create(store, options, first.settings)
  try {
    const record = (event: StudyEvent) => {
      const { kind, ...data } = event
      writer.event(kind, data as unknown as Json)
    }
    // Read once more: until it was ours, another driver may have written.
    const { study, settings } = prepare(options, exists ? await pastOf(store, options) : [], clock, record)
    study.emit({ kind: 'open', settings })
    for (const entry of study.ledger.entries) {
      if (entry.state === 'running') study.giveBack(entry, 'preempted', 'the driver ended')
    }
    const log = await storeLog(store, writer)
    await log.flush(true)
    return { id: writer.id, study, log, writer, resumed: exists }
  } catch (error) {
    await writer[Symbol.asyncDispose]()
    throw error
  }
}

/** The study that follows from a log. */
function prepare(
  options: OpenStudy,
  past: readonly TimedEvent[],
  clock: Clock,
  record: (event: StudyEvent) => void,
): { readonly study: Study; readonly settings: StudySettings } {
  const last = lastSettings(past)
  const settings = options.settings(last)
  if (last) checkSame(options.id as string, last, settings)
  return { settings, study: createStudy(settings, options.parts, past, clock.now, record) }
}

/** @throws STUDY_DRIVEN when another process was quicker */
async function create(store: Store, { id, name, mode, file, facts }: OpenStudy, { seed, defaults }: StudySettings): Promise<RunWriter> {
  try {
    return await store.createRun({
      ...{ name, mode, seed, config: defaults },
      ...(id !== undefined && { id }),
      ...(file !== undefined && { file }),
      ...(facts && { facts }),
    })
  } catch (error) {
    if (!(error instanceof TuttiError) || error.code !== 'RUN_EXISTS') throw error
    throw await drivenBy(store, id as string)
  }
}

async function has(store: Store, id: string): Promise<boolean> {
  try {
    return (await store.run(id)).id === id
  } catch (error) {
    if (error instanceof TuttiError && ['RUN_UNKNOWN', 'RUN_AMBIGUOUS'].includes(error.code)) return false
    throw error
  }
}

async function pastOf(store: Store, { id, name, mode }: OpenStudy): Promise<TimedEvent[]> {
  const run = await store.run(id as string)
  if (run.mode !== mode) {
    if (run.mode !== 'study' && run.mode !== 'ablation') throw fail('STUDY_NOT', run.id, run.mode)
    throw fail('STUDY_CHANGED', run.id, [`it is of mode '${run.mode}' and not '${mode}'`])
  }
  if (run.name !== name) throw fail('STUDY_CHANGED', run.id, [`its training was '${run.name}' and is now '${name}'`])
  return logOf(store, run.id)
}

/** A driver that was just killed is there for a moment more. */
async function claim(store: Store, id: string, clock: Clock): Promise<RunWriter> {
  const deadline = clock.elapsed() + 1000
  for (;;) {
    try {
      return await store.claim(id)
    } catch (error) {
      if (!(error instanceof TuttiError) || error.code !== 'RUN_OWNED') throw error
      if (clock.elapsed() > deadline) throw await drivenBy(store, id)
      await clock.sleep(100)
    }
  }
}

async function drivenBy(store: Store, id: string): Promise<TuttiError> {
  return fail('STUDY_DRIVEN', id, (await store.run(id)).owner ?? 'another process')
}

/** What may not change: what is learnt of a config must mean the same. */
function checkSame(id: string, before: StudySettings, now: StudySettings): void {
  const changes: string[] = []
  const told = ({ objectives }: StudySettings) => objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(', ')
  if (told(before) !== told(now)) changes.push(`its objective was '${told(before)}' and is now '${told(now)}'`)
  for (const key of new Set([...Object.keys(before.defaults), ...Object.keys(now.defaults)])) {
    const [then, today] = [before.defaults[key], now.defaults[key]]
    if (then === undefined) changes.push(`config '${key}' is new`)
    else if (today === undefined) changes.push(`config '${key}' is gone`)
    else if (typeof then !== typeof today) changes.push(`config '${key}' was a ${typeof then} and is now a ${typeof today}`)
    else if (then !== today && !Object.hasOwn(now.space, key) && !Object.hasOwn(before.space, key))
      changes.push(`config '${key}' was ${then} and is now ${today}`)
  }
  const cvOf = ({ cv }: StudySettings) => (cv === undefined ? 'not cross-validated' : `cross-validated by ${JSON.stringify(cv)}`)
  if (cvOf(before) !== cvOf(now)) changes.push(`it was ${cvOf(before)} and is now ${cvOf(now)}`)
  if (before.seed !== now.seed) changes.push(`its seed was ${before.seed} and is now ${now.seed}`)
  if (changes.length > 0) throw fail('STUDY_CHANGED', id, changes)
}

const checkpointName = /^trial-(\d+)\/checkpoint-(\d+)\.safetensors$/

/**
 * Each trial keeps its newest checkpoint only: the old one goes when the new one is on the disk. What is done with one trial's
 * is done in turn: nobody reads one that is being replaced.
 */
async function storeLog(store: Store, writer: RunWriter): Promise<StudyLog> {
  const kept = new Map<number, { name: string; serial: number }[]>()
  for (const { name } of await store.artifacts(writer.id)) {
    const [, trial, serial] = checkpointName.exec(name) ?? []
    if (trial === undefined) continue
    const list = kept.get(Number(trial)) ?? []
    list.push({ name, serial: Number(serial) })
    kept.set(
      Number(trial),
      list.sort((a, b) => a.serial - b.serial),
    )
  }
  const turns = new Map<number, Promise<unknown>>()
  const inTurn = <T>(trial: number, work: () => Promise<T>): Promise<T> => {
    const done = (turns.get(trial) ?? Promise.resolve()).then(work)
    const turn: Promise<unknown> = done
      .catch(() => undefined)
      .then(() => {
        if (turns.get(trial) === turn) turns.delete(trial)
      })
    turns.set(trial, turn)
    return done
  }
  return {
    flush: (durable) => writer.flush(durable),
    log: (level, text) => writer.log(level, text),
    saveCheckpoint: (trial, bytes, step) =>
      inTurn(trial, async () => {
        const list = kept.get(trial) ?? []
        const serial = (list.at(-1)?.serial ?? 0) + 1
        const name = `trial-${trial}/checkpoint-${serial}.safetensors`
        await writer.artifact(name, bytes, { kind: 'checkpoint', step })
        kept.set(trial, [{ name, serial }])
        for (const old of list) await writer.removeArtifact(old.name)
      }),
    readCheckpoint: (trial) =>
      inTurn(trial, async () => {
        const newest = kept.get(trial)?.at(-1)
        return newest && store.readArtifact(writer.id, newest.name)
      }),
    dropCheckpoints(trial) {
      if (!kept.has(trial) && !turns.has(trial)) return undefined
      return inTurn(trial, async () => {
        const list = kept.get(trial) ?? []
        kept.delete(trial)
        for (const { name } of list) await writer.removeArtifact(name)
      })
    },
    async saveModel(_trial, files) {
      for (const [name, bytes] of files) await writer.artifact(name, bytes, { kind: 'model' })
    },
  }
}
