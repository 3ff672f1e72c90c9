/** A study from its opening to its end: the store, the driver and a cluster of workers put together, for every mode that has trials. */
import type { Cluster } from '../../cluster/index.ts'
import { fail, messageOf, TuttiError } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import {
  createDriver,
  type Driver,
  type DriverEnd,
  type OpenedStudy,
  openStudy,
  type Study,
  type StudyParts,
  type StudySettings,
} from '../../hpo/index.ts'
import { systemFacts } from '../../store/index.ts'
import type { Training } from '../../train/index.ts'
import { type Shared, share } from '../families/share.ts'
import type { StudyJob, StudyResult, StudySurroundings } from '../study.ts'
import { admission } from './admission.ts'
import { lend } from './inProcess.ts'
import { studyProgress } from './progress.ts'
import { dataDirOf, hire, type Staff, staffSettings } from './staff.ts'
import type { TrialWorkerOptions } from './worker.ts'

export interface Drive {
  readonly mode: 'study' | 'ablation'
  readonly job: StudyJob
  readonly staff: Staff
  readonly settings: (before: StudySettings | undefined) => StudySettings
  readonly parts: StudyParts
  /** Before the first trial is handed out. */
  readonly prepare?: (study: Study) => void | Promise<void>
  /** After a trial has ended; a plan may grow by it. */
  readonly ended?: (study: Study, trial: number, components: readonly string[]) => void
}

export async function drive(
  { mode, job, staff, settings, parts, prepare, ended }: Drive,
  surroundings: StudySurroundings,
): Promise<StudyResult> {
  const { store, clock, signal, watcher } = surroundings
  const { training, file, study: id, threads = 1, cv } = job
  const dataDir = dataDirOf(job)
  const began = clock.elapsed()
  const facts = { ...(await systemFacts({ cwd: file === undefined ? process.cwd() : folderOf(file) })), threads, ...staffSettings(staff) }
  const opened = await openStudy(store, clock, {
    name: training.name,
    mode,
    facts,
    settings,
    parts,
    ...(id !== undefined && { id }),
    ...(file !== undefined && { file }),
  })
  await using _ = opened.writer
  const { study } = opened
  try {
    await prepare?.(study)
  } catch (error) {
    // What was asked for cannot be: a new study has nothing yet that would be worth keeping.
    await opened.writer.finish('interrupted')
    if (!opened.resumed) await store.deleteRun(opened.id)
    throw error
  }
  let cluster: Cluster | undefined
  const outcome = await driveOpened()
  return { study: opened.id, ...outcome, trials: { ...study.ledger.counts }, ...bestOf(study), seconds: (clock.elapsed() - began) / 1000 }

  /** Trials that only wait run in this process, one after another: they end in their order, whichever is known first. */
  function waitTogether(driver: Driver, { training, failed }: Shared): Promise<DriverEnd> {
    return withWorkers(driver, training, { threads }, { engine: { kind: 'inline' }, workers: 1, failed })
  }

  async function driveOpened(): Promise<Pick<StudyResult, 'status' | 'error' | 'cause'>> {
    let driver: Driver | undefined
    let shared: Shared | undefined
    const stop = () => driver?.stop('it was interrupted')
    try {
      driver = startDriver(opened, job, surroundings, { ended, short: () => cluster?.waiting, isShared: () => shared !== undefined })
      watcher.begin({
        ...{ study: opened.id, name: training.name, file, resumed: opened.resumed, seed: study.settings.seed, store: store.location },
        ...{
          sampler: parts.sampler.name,
          pruner: parts.pruner.name,
          workers: staff.workers,
          engine: staff.engine.kind,
          objectives: study.settings.objectives,
        },
        space: study.settings.space,
        progress: studyProgress(opened.id, study, driver, clock, {
          workers: () => cluster?.size ?? (staff.workers === 'auto' ? 1 : staff.workers),
          waiting: () => cluster?.waiting,
          shared: () => shared?.progress(),
        }),
      })
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
      if (job.share) shared = await share({ opened, parts, job, staff, over: driver.done }, surroundings)
      await using _ = shared
      if (shared) study.emit({ kind: 'shared' })
      const end = await (shared
        ? waitTogether(driver, shared)
        : withWorkers(driver, training, {
            threads,
            ...(file !== undefined && { file }),
            ...(dataDir !== undefined && { dataDir }),
            ...(cv !== undefined && { cv }),
          }))
      await shared?.end(!end.stopped)
      return await finish(opened, end)
    } catch (error) {
      const told = { message: messageOf(error), ...(error instanceof TuttiError && { code: error.code }) }
      await opened.writer.finish('failed', { metrics: bestOf(study).best?.metrics ?? {}, error: told }).catch(() => undefined)
      return { status: 'failed', error: told, cause: error }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async function withWorkers(
    driver: Driver,
    training: Training,
    about: Omit<TrialWorkerOptions, 'lent'>,
    { failed = new Promise<never>(() => {}), ...own }: Staff & { failed?: Promise<never> } = staff,
  ): Promise<DriverEnd> {
    using lent = about.file === undefined ? lend(training) : undefined
    const options: TrialWorkerOptions = { ...about, ...(lent && { lent: lent.number }) }
    await using hired = await hire(
      job,
      {
        ...own,
        program: new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
        options: options as unknown as Json,
        onWorker: driver.attach,
        use: { most: driver.most, isIdle: (rank) => driver.workers.get(rank)?.trial === undefined },
      },
      surroundings,
    )
    cluster = hired.cluster
    return await Promise.race([driver.done, hired.gone, failed])
  }
}

function startDriver(
  opened: OpenedStudy,
  job: StudyJob,
  { clock, watcher }: StudySurroundings,
  { ended, short, isShared }: { ended: Drive['ended']; short: () => string | undefined; isShared: () => boolean },
): Driver {
  const { study, log } = opened
  let best = study.ledger.best
  const admit = admission(clock, job.memory)
  return createDriver({
    study,
    log,
    clock,
    // Trials that only wait need no memory and may be silent: what they wait for is watched.
    admit: (held, own) => (isShared() ? undefined : admit(held, own)),
    ...(job.memory !== undefined && { memoryLimit: job.memory }),
    get reportTimeout() {
      return job.reportTimeout === undefined || isShared() ? Number.POSITIVE_INFINITY : job.reportTimeout * 1000
    },
    ...(job.timeout !== undefined && { timeout: job.timeout * 1000 }),
    short,
    onEnd(entry, components) {
      const isBest = study.ledger.best === entry && best !== entry
      best = study.ledger.best
      const { number, state, config, assignment, metrics, error, without } = entry
      watcher.ended({ number, state, config, assignment, metrics, best: isBest, ...(error && { error }), ...(without && { without }) })
      ended?.(study, number, components)
    },
  })
}

async function finish({ study, writer }: OpenedStudy, { stopped, reason }: DriverEnd): Promise<Pick<StudyResult, 'status' | 'error'>> {
  const { best } = bestOf(study)
  const metrics = best?.metrics ?? {}
  const { counts, entries } = study.ledger
  if (stopped && !reason.startsWith('the time is over')) {
    await writer.finish('interrupted', { metrics })
    return { status: 'interrupted' }
  }
  if (!best && counts.failed + counts.lost > 0) {
    const { error } = entries.findLast((entry) => entry.error) ?? {}
    const told = fail('STUDY_NOTHING', counts.failed + counts.lost, error?.message ?? 'unknown')
    const shown = { code: told.code, message: told.message }
    await writer.finish('failed', { metrics, error: shown })
    return { status: 'failed', error: shown }
  }
  await writer.finish('finished', { metrics })
  return { status: 'finished' }
}

function bestOf({ ledger }: Study): Pick<StudyResult, 'best'> {
  const { best } = ledger
  return best ? { best: { number: best.number, config: best.config, metrics: best.metrics } } : {}
}

function folderOf(file: string): string {
  return file.replace(/[/\\][^/\\]*$/, '') || '/'
}
