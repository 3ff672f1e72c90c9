import { resolve } from 'node:path'
import { type Json, type RunRecord, type RunWriter, systemFacts } from '../../store/index.ts'
import { type Config, crossValidated, type Environment, type FoldRun, objectivesOf, runTraining, withSettings } from '../../train/index.ts'
import { keepModel, worthMost } from '../artifacts.ts'
import { runCheckpoints } from '../checkpoints.ts'
import { explain } from '../explain.ts'
import { keepData } from '../keepData.ts'
import { defaultThreads, type Job, type Mode, type RunResult, type Surroundings } from '../mode.ts'
import { record, reportedOf } from '../recorder.ts'
import { claimResumable, threadsOf } from '../resume.ts'

/** Runs a training once, in this process: the general case with a group of one. */
export function single(): Mode {
  return {
    name: 'single',
    summary: 'Runs the training function once, in this process.',
    async run(job, surroundings) {
      const { clock } = surroundings
      const started = clock.elapsed()
      const { writer, record: before, ...begun } = await begin(job, surroundings)
      await using _ = writer
      const outcome = await runClaimed(job, surroundings, { writer, before, ...begun })
      return { run: writer.id, ...outcome, seconds: (clock.elapsed() - started) / 1000 }
    },
  }
}

interface Begun {
  readonly writer: RunWriter
  readonly config: Config
  readonly seed: number
  readonly threads: number
  readonly cv: Job['cv']
  /** A resumed run as it was found. */
  readonly record?: RunRecord
}

/** @throws CONFIG_UNKNOWN, CONFIG_TYPE; for a resumed run RUN_UNKNOWN, RUN_OWNED, RUN_FINISHED, RESUME_SETTINGS, RESUME_CHANGED */
async function begin(job: Job, { store, clock }: Surroundings): Promise<Begun> {
  const { training, settings, file } = job
  if (job.resume !== undefined) return claimResumable(job, store, clock)
  const config = withSettings(training.config, settings)
  const { seed = 0, threads = defaultThreads, cv } = job
  const counted = training.estimator && job.threads === undefined ? {} : { threads }
  const facts = { ...(await systemFacts({ cwd: resolve(file, '..') })), ...counted, ...(cv !== undefined && { cv: cv as Json }) }
  return { writer: await store.createRun({ name: training.name, mode: 'single', seed, config, file, facts }), config, seed, threads, cv }
}

type Outcome = Omit<RunResult, 'run' | 'seconds'>
interface Claimed extends Omit<Begun, 'record'> {
  readonly before: RunRecord | undefined
}

async function runClaimed(job: Job, surroundings: Surroundings, { writer, config, seed, threads, cv, before }: Claimed): Promise<Outcome> {
  const { file } = job
  const { store, runtime, clock, signal, watcher } = surroundings
  const folds: FoldRun[] = []
  const onFold = (fold: FoldRun) => {
    folds.push(fold)
    watcher.fold?.(fold)
  }
  const training = cv === undefined ? job.training : crossValidated(job.training, { cv, onFold })
  const observer = record(writer, watcher)
  const checkpoints = await runCheckpoints(store, writer, (text) => observer.log('warn', text))
  const fitThreads = job.threads ?? 'auto'
  const environment: Environment = { runtime, threads, fitThreads, clock, seed, signal, checkpoints, observer }
  const resumed = before && { checkpoint: checkpoints.last }
  const objective = objectivesOf(training)[0]?.metric
  watcher.begin({
    run: writer.id,
    name: training.name,
    file,
    seed,
    config,
    ...((job.threads !== undefined || !training.estimator) && { threads }),
    store: store.location,
    objective,
    ...(resumed && { resumed }),
  })
  if (before && !training.estimator && threads !== threadsOf(before))
    observer.log(
      'warn',
      `The run had ${threadsOf(before) ?? '?'} threads and goes on with ${threads}: its numbers may differ in the last digits.`,
    )
  if (resumed) writer.event('resumed', { checkpoint: resumed.checkpoint ?? null, was: before.status })
  // A resumed run does not report again what it reported before its checkpoint.
  const earlier = before ? reportedOf(await store.metrics(writer.id)) : {}
  const last = () => ({
    ...(checkpoints.last !== undefined && { checkpoint: checkpoints.last }),
    ...(cv !== undefined && { folds }),
  })

  try {
    const data = keepData(training)
    const outcome = await runTraining(data.training, config, environment)
    const metrics = { ...earlier, ...outcome.metrics }
    const { trained, learned } = outcome
    if (
      cv === undefined &&
      !(await keepModel(writer, { name: training.name, seed, config, metrics, trained, learned, data: data.train() }))
    )
      observer.log('warn', `The training function never used its ${training.estimator ? 'estimator' : 'model'}, so there is none to keep.`)
    await writer.finish('finished', { metrics })
    const importances = cv === undefined && learned ? worthMost(learned) : undefined
    return { status: 'finished', metrics, ...last(), ...(importances && { importances }) }
  } catch (error) {
    const metrics = reportedOf(await store.metrics(writer.id).catch(() => []))
    if (signal.aborted && error === signal.reason) {
      await writer.finish('interrupted', { metrics })
      return { status: 'interrupted', metrics, ...last() }
    }
    const shown = explain(error)
    // The store itself may be what failed; the run is then told as lost or interrupted by whoever looks.
    await writer.finish('failed', { metrics, error: shown }).catch(() => undefined)
    return { status: 'failed', metrics, error: shown, cause: error, ...last() }
  }
}
