/** One search with several numbers of workers, with and without shared work: how fast it is, and what it found. */
import { randomBytes } from 'node:crypto'
import { fail } from '../../core/errors.ts'
import { pruners, readStudy, type Sampler, type StudyRecord, type StudySettings } from '../../hpo/index.ts'
import type { Store } from '../../store/index.ts'
import { type Config, type Metrics, objectivesOf, withSettings } from '../../train/index.ts'
import { study } from '../modes/study.ts'
import type { StudyJob, StudyResult, StudySurroundings } from '../study.ts'
import { drive } from '../trials/drive.ts'
import { type Staff, staffOf, staffSettings } from '../trials/staff.ts'

export interface ScalingJob extends Omit<StudyJob, 'workers'> {
  /** Numbers of workers: [1, 2, 3]. */
  readonly scaling: readonly number[]
}

/** Plain data: it is kept beside the study, for its page. */
export interface Scaling {
  readonly metric: string
  /** The training's own config, whether it lies in the space or not. */
  readonly standard: Measured & { readonly study: string }
  readonly best: (Measured & { readonly study: string; readonly trial: number; readonly assignment: Config }) | null
  readonly trials: number
  readonly cores: number
  readonly engine: string
  /** By the number of workers, shared ones first. */
  readonly runs: readonly ScalingRun[]
  /** Whether all runs found the same, to the last bit. */
  readonly same: boolean
}

export interface Measured {
  readonly config: Config
  readonly metrics: Metrics
}

export interface ScalingRun {
  readonly study: string
  readonly workers: number
  readonly shared: boolean
  /** Of the whole study, the start of its workers included. */
  readonly seconds: number
  /** How many times faster than the run of its kind with the fewest workers, and that for each worker more. */
  readonly speedUp: number
  readonly efficiency: number
}

export interface ScalingResult extends StudyResult {
  /** Undefined where it did not come to its end. */
  readonly scaling?: Scaling
}

const mode = 'scaling'
const artifact = 'scaling.json'

/** The comparison that a study is the first run of, if it is one. */
export async function readScaling(store: Store, study: string): Promise<Scaling | undefined> {
  for (const { id } of await store.runs({ mode })) {
    if (!(await store.artifacts(id)).some(({ name }) => name === artifact)) continue
    const found = JSON.parse(new TextDecoder().decode(await store.readArtifact(id, artifact))) as Scaling
    if (found.runs[0]?.study === study) return found
  }
  return undefined
}

/** There is one trial, and nothing to choose. */
const nothingToChoose: Sampler = { name: 'plan', begin: () => ({ ask: () => ({ kind: 'done', reason: 'there is one trial' }) }) }

/**
 * Runs the search once for each number of workers, shared and (or, with `share: false`, only) not, each a study of its own in the store,
 * and before that the training's own config. The first of the studies is what the result tells of.
 *
 * @throws BAD_OPTION, RUN_EXISTS, and what keeps a study from going on
 */
export async function scaling(job: ScalingJob, surroundings: StudySurroundings): Promise<ScalingResult> {
  const { scaling: counts, training, engine: _, ...rest } = job
  checkCounts(counts)
  const { clock, store, watcher } = surroundings
  const began = clock.elapsed()
  const name = job.study ?? `${training.name}-scaling-${randomBytes(3).toString('hex')}`
  const least = Math.min(...counts)
  const { engine } = staffOf({ ...job, workers: Math.max(...counts) }, surroundings.cores)
  const kinds = job.share === false ? [false] : [true, false]
  const plans = kinds.flatMap((shared) => counts.map((workers) => ({ shared, workers })))
  const total = plans.length + 1
  const whole = (result: StudyResult) => ({ ...result, seconds: (clock.elapsed() - began) / 1000 })

  // Times of a study that goes on would be those of its rest.
  const names = new Set([name, `${name}-default`, ...plans.map((plan) => studyName(name, plan))])
  const taken = (await store.runs()).find(({ id }) => names.has(id))
  if (taken) throw fail('RUN_EXISTS', taken.id)
  watcher.say(`Run 1 of ${total}: the default parameters`)
  const standard = await runStandard({ ...rest, training, study: `${name}-default` }, { engine, workers: 1 }, surroundings)
  if (standard.status !== 'finished' || !standard.best) return whole(standard)
  const done: {
    readonly plan: (typeof plans)[number]
    readonly result: StudyResult
    readonly seconds: number
    readonly record: StudyRecord
  }[] = []
  for (const [i, plan] of plans.entries()) {
    const { workers, shared } = plan
    watcher.say(`Run ${i + 2} of ${total}: ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${shared ? 'shared' : 'not shared'}`)
    const from = clock.elapsed()
    const result = await study().run({ ...rest, training, engine, workers, share: shared, study: studyName(name, plan) }, surroundings)
    const seconds = (clock.elapsed() - from) / 1000
    if (result.status !== 'finished') return whole(result)
    done.push({ plan, result, seconds, record: await readStudy(store, result.study) })
  }
  const [first] = done as [(typeof done)[number]]
  const base = (shared: boolean) => done.find(({ plan }) => plan.shared === shared && plan.workers === least)?.seconds ?? Number.NaN
  const runs = done.map(({ plan: { workers, shared }, result, seconds }): ScalingRun => {
    const speedUp = base(shared) / seconds
    return { study: result.study, workers, shared, seconds, speedUp, efficiency: (speedUp * least) / workers }
  })
  const best = bestOf(first.record)
  const [objective] = objectivesOf(training)
  const found: Scaling = {
    metric: objective?.metric ?? '',
    standard: { study: standard.study, config: standard.best.config, metrics: standard.best.metrics },
    best,
    ...{ trials: first.record.trials.length, cores: surroundings.cores, engine: engine.kind, runs },
    same: new Set(done.map(({ record }) => JSON.stringify(record.trials.map(({ config, metrics }) => [config, metrics])))).size === 1,
  }
  await using writer = await store.createRun({ id: name, name: training.name, mode, seed: job.seed ?? 0, config: standard.best.config })
  await writer.artifact(artifact, new TextEncoder().encode(`${JSON.stringify(found, null, 2)}\n`), { kind: 'report' })
  await writer.finish('finished', { metrics: best?.metrics ?? {} })
  return { ...whole(first.result), scaling: found }
}

function studyName(name: string, { workers, shared }: Pick<ScalingRun, 'workers' | 'shared'>): string {
  return `${name}-${workers}${shared ? '' : '-alone'}`
}

function checkCounts(counts: readonly number[]): void {
  const bad = counts.find((count) => !Number.isInteger(count) || count < 1)
  if (counts.length === 0 || bad !== undefined || new Set(counts).size < counts.length)
    throw fail('BAD_OPTION', 'scaling', 'workers', bad ?? counts.join(), 'different whole numbers of at least 1')
}

/** A study of one trial with the training's own config, which need not lie in the space. */
async function runStandard(job: StudyJob, staff: Staff, surroundings: StudySurroundings): Promise<StudyResult> {
  const { training, settings: fixed = {}, cv, seed = 0 } = job
  const settings: StudySettings = {
    ...{ objectives: objectivesOf(training), space: {}, defaults: withSettings(training.config, fixed), seed },
    ...{ ...staffSettings(staff), sampler: { kind: 'plan' }, pruner: { kind: 'none' }, wanted: { trials: 1 } },
    ...(Object.keys(fixed).length > 0 && { fixed }),
    ...(cv !== undefined && { cv: cv as NonNullable<StudySettings['cv']> }),
  }
  const parts = { sampler: nothingToChoose, pruner: pruners.none(), plan: [{ without: [], seed }] }
  const one = { ...job, share: false }
  return drive({ mode: 'study', job: one, staff, parts, settings: () => settings }, surroundings)
}

/** Of equal ones the first, whichever ended first. */
function bestOf({ id, trials, objectives }: StudyRecord): Scaling['best'] {
  const sign = objectives[0]?.direction === 'maximize' ? -1 : 1
  const loss = ({ values }: StudyRecord['trials'][number]) => sign * (values?.[0] ?? Number.NaN)
  let best: StudyRecord['trials'][number] | undefined
  for (const trial of trials) if (trial.state === 'finished' && trial.values && (!best || loss(trial) < loss(best))) best = trial
  return best ? { study: id, trial: best.number, config: best.config, assignment: best.assignment, metrics: best.metrics } : null
}
