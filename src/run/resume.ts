/** Taking up a run again: as it began, or not at all. */
import type { Clock } from '../core/clock.ts'
import { fail, TuttiError } from '../core/errors.ts'
import type { RunRecord, RunWriter, Store } from '../store/index.ts'
import { type Config, type ConfigValue, withSettings } from '../train/index.ts'
import { defaultThreads, type Job } from './mode.ts'

export interface Resumed {
  readonly writer: RunWriter
  readonly config: Config
  readonly seed: number
  /** As many as before unless the job says otherwise: another number rounds sums otherwise. */
  readonly threads: number
  readonly cv: Job['cv']
  readonly record: RunRecord
}

/**
 * Takes a run over, whatever became of it, unless it has finished. It goes on with the config and seed it began with:
 * other ones would make a run that nothing but its history could explain.
 *
 * @throws RUN_UNKNOWN, RUN_AMBIGUOUS, RUN_OWNED, RUN_FINISHED, RUN_MODE, RESUME_SETTINGS, RESUME_CHANGED
 */
export async function claimResumable(job: Job, store: Store, clock: Clock): Promise<Resumed> {
  const record = await store.run(job.resume as string)
  const { id, status, mode } = record
  if (status === 'finished') throw fail('RUN_FINISHED', id)
  if (mode !== 'single') throw fail('RUN_MODE', id, mode, 'single')
  const config = record.config as Config
  const seed = Number(record.seed)
  const changes = definitionChanges(record, job)
  if (changes.length > 0) throw fail('RESUME_CHANGED', 'training file', changes)
  const differences = [
    ...(job.seed !== undefined && job.seed !== seed ? [`its seed is ${seed} and not ${job.seed}`] : []),
    ...(job.cv !== undefined && JSON.stringify(job.cv) !== JSON.stringify(record.facts?.cv) ? [cvChange(record)] : []),
    ...settingChanges(config, withSettings(config, job.settings)),
  ]
  if (differences.length > 0) throw fail('RESUME_SETTINGS', id, differences)
  const threads = job.threads ?? threadsOf(record) ?? defaultThreads
  return { writer: await claim(store, id, clock), config, seed, threads, cv: record.facts?.cv as Job['cv'], record }
}

function cvChange({ facts }: RunRecord): string {
  return facts?.cv === undefined ? 'it is not cross-validated' : `its folds are ${JSON.stringify(facts.cv)}`
}

/** A process that was just killed is there for a moment more. */
async function claim(store: Store, id: string, clock: Clock): Promise<RunWriter> {
  const deadline = clock.elapsed() + 1000
  for (;;) {
    try {
      return await store.claim(id)
    } catch (error) {
      if (!(error instanceof TuttiError) || error.code !== 'RUN_OWNED' || clock.elapsed() > deadline) throw error
      await clock.sleep(100)
    }
  }
}

/** How many threads a run began with. */
export function threadsOf({ facts }: RunRecord): number | undefined {
  return typeof facts?.threads === 'number' ? facts.threads : undefined
}

/** What of the definition is not as it was. */
function definitionChanges({ name, config }: RunRecord, { training }: Job): string[] {
  const changes = name === training.name ? [] : [`its name was '${name}' and is now '${training.name}'`]
  for (const key of new Set([...Object.keys(config), ...Object.keys(training.config)])) {
    const [then, now] = [config[key], training.config[key]]
    if (then === undefined) changes.push(`config '${key}' is new`)
    else if (now === undefined) changes.push(`config '${key}' is gone`)
    else if (typeof then !== typeof now) changes.push(`config '${key}' was a ${typeof then} and is now a ${typeof now}`)
  }
  return changes
}

function settingChanges(before: Config, asked: Config): string[] {
  const text = (value: ConfigValue | undefined) => (typeof value === 'string' ? `'${value}'` : `${value}`)
  return Object.keys(asked).flatMap((key) =>
    before[key] === asked[key] ? [] : [`its ${key} is ${text(before[key])} and not ${text(asked[key])}`],
  )
}
