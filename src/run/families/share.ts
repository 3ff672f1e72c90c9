/**
 * Trials that share their work. The study runs as always, but the training that its trials run only waits: a farm of workers measures
 * all of a family at once, from one fit a fold. So what is recorded, resumed, replayed and shown stays what it is.
 */
import type { Cluster } from '../../cluster/index.ts'
import type { Json } from '../../core/json.ts'
import { table } from '../../data/index.ts'
import { defaultRetries, logOf, type OpenedStudy, type SharedProgress, type StudyParts } from '../../hpo/index.ts'
import { type Config, crossValidated, objectivesOf, type Splitter, type Training } from '../../train/index.ts'
import type { StudyJob, StudySurroundings } from '../study.ts'
import { admission } from '../trials/admission.ts'
import { filesOf, type WithFiles } from '../trials/files.ts'
import { lend } from '../trials/inProcess.ts'
import { dataDirOf, hire, type Staff } from '../trials/staff.ts'
import { lookAhead } from './ahead.ts'
import { createBook } from './book.ts'
import { createFarm, type Farm } from './farm.ts'
import { type KeptUnits, keptUnits } from './kept.ts'
import type { FamilyWorkerOptions } from './worker.ts'

export interface ShareOptions {
  readonly opened: OpenedStudy
  readonly parts: StudyParts
  readonly job: StudyJob
  readonly staff: Staff
  /** Resolves when nothing more is to be begun. */
  readonly over: Promise<unknown>
}

export interface Shared extends AsyncDisposable {
  /** Whose runs wait for what is measured. */
  readonly training: Training
  progress(): SharedProgress
  /** Rejects when no worker can be kept alive, or the study cannot go on. */
  readonly failed: Promise<never>
  /** Measures no more, and keeps what is known for a study that goes on; of one that is done, nothing. */
  end(done: boolean): Promise<void>
}

/** So many configurations are looked ahead at a time: a grid may have millions. */
const wideWindow = 4096
/** Of a search that ends by the clock fewer: of what was begun with them, as many as can be are to be whole by then. */
const narrowWindow = 64

/** Undefined where no two of the study's next trials share a fit. @throws what keeps a study from going on */
export async function share(options: ShareOptions, surroundings: StudySurroundings): Promise<Shared | undefined> {
  const { opened, parts, job } = options
  const { study, log, writer } = opened
  const { store, clock, watcher } = surroundings
  const { training, cv, retries = defaultRetries } = job
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  await log.flush(false)
  const kept = await keptUnits(store, writer, study.settings.seed, { failed: broken.reject, say: watcher.say })
  const [followed] = objectivesOf(training)
  const bounded = study.wanted !== undefined || parts.sampler.name === 'grid'
  const window = job.timeout === undefined && bounded ? wideWindow : narrowWindow
  const book = createBook(lookAhead(study, parts, await logOf(store, opened.id)), cv === undefined ? forgetful : kept, window)
  let cluster: Cluster | undefined
  const size = () => cluster?.size ?? (options.staff.workers === 'auto' ? 1 : options.staff.workers)
  const farm = createFarm({
    ...{ clock, book, retries, seed: study.settings.seed, workers: () => size(), threads: job.threads ?? 1 },
    admit: admission(clock, job.memory),
    ...(job.memory !== undefined && { memoryLimit: job.memory }),
    ...(job.reportTimeout !== undefined && { silence: job.reportTimeout * 1000 }),
    // A cross-validated trial leaves no model.
    ...(cv === undefined && followed && { keep: followed }),
    onStage: (progress) => watcher.stage?.(progress),
    onFailure: broken.reject,
  })
  const workers = await startWorkers(farm, options, surroundings, broken.reject)
  cluster = workers.cluster
  const leave = async () => {
    // First the farm: it is not to give what they do to others.
    farm[Symbol.dispose]()
    await workers[Symbol.asyncDispose]()
  }
  let isShared: boolean | undefined
  try {
    isShared = await Promise.race([farm.planned, broken.promise, options.over.then(() => undefined)])
  } finally {
    if (!isShared) await leave()
  }
  // What is left has nobody to share with: nobody will ask for what was kept.
  if (isShared === false) await kept.clear()
  if (!isShared) return undefined
  return {
    training: waitingFor(farm, training, cv !== undefined),
    progress() {
      const waiting = workers.cluster.waiting
      return { ...(waiting !== undefined && { waiting }), ...farm.progress() }
    },
    failed: broken.promise,
    async end(done) {
      farm[Symbol.dispose]()
      await kept.settle()
      if (done) await kept.clear()
    },
    [Symbol.asyncDispose]: leave,
  }
}

/** One fold of a family, and each trial ends with it: there is nothing that a study could go on with. */
const forgetful: Pick<KeptUnits, 'recall' | 'keep'> = { recall: () => undefined, keep() {} }

async function startWorkers(
  farm: Farm,
  { job, staff }: ShareOptions,
  surroundings: StudySurroundings,
  failed: (error: Error) => void,
): Promise<{ readonly cluster: Cluster } & AsyncDisposable> {
  const { training, file, cv } = job
  const dataDir = dataDirOf(job)
  const lent = file === undefined ? lend(training) : undefined
  const options: FamilyWorkerOptions = {
    ...(file !== undefined && { file }),
    ...(lent && { lent: lent.number }),
    ...(dataDir !== undefined && { dataDir }),
    ...(cv !== undefined && { cv }),
  }
  const hired = await hire(
    job,
    {
      ...staff,
      program: new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
      options: options as unknown as Json,
      onWorker: farm.attach,
      use: { most: farm.most, isIdle: farm.isIdle },
    },
    surroundings,
  )
  hired.gone.catch(failed)
  return {
    cluster: hired.cluster,
    async [Symbol.asyncDispose]() {
      await hired[Symbol.asyncDispose]()
      lent?.[Symbol.dispose]()
    },
  }
}

/** The training of a trial: reports what its own would, when the farm knows it. */
function waitingFor(farm: Farm, { name, config, space, constraint, objective }: Training, folded: boolean): Training & WithFiles {
  const base = {
    ...{ kind: 'training' as const, name, config },
    ...(space && { space }),
    ...(constraint && { constraint }),
    ...(objective && { objective }),
    data: () => ({ train: nothing }),
  }
  const measured = (fold: number): Training => ({
    ...base,
    async train({ config, report, signal }) {
      const metrics = await until(farm.metrics(config as Config, fold), signal)
      if (Object.keys(metrics).length > 0) await report({ step: 0, ...metrics })
    },
  })
  if (!folded) return { ...measured(0), [filesOf]: (config) => farm.model(config) }
  return {
    ...base,
    async train(context) {
      const folds = await until(farm.folds(context.config), context.signal)
      let fold = 0
      const next: Training = { ...base, train: (inner) => measured(fold++).train(inner) as Promise<void> }
      await crossValidated(next, { cv: folding(folds) }).train(context)
    },
  }
}

/** What there is to learn from is with the farm. */
const nothing = table({ x: [0] }, { name: 'shared' })

function folding(folds: number): Splitter {
  const rows = Int32Array.of(0)
  return { name: 'shared', folds, laws: {}, split: () => Array.from({ length: folds }, () => ({ train: rows, test: rows })) }
}

async function until<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const stopped = Promise.withResolvers<never>()
  const stop = () => stopped.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, stopped.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
