/** The workers of a study: which engine, how many, and what of this machine goes with them. */
import { dirname, resolve } from 'node:path'
import { type Cluster, type ClusterEngine, type ClusterOptions, createCluster, engines } from '../../cluster/index.ts'
import { fail } from '../../core/errors.ts'
import { wayInto } from '../../core/folders.ts'
import { build, type Spec } from '../../core/registry.ts'
import type { StudyJob, StudySurroundings } from '../study.ts'

export interface Staff {
  readonly engine: Spec
  readonly workers: number | 'auto'
}

/** Of one machine, each a process or a thread of it; of a cluster. More than that is a slip of the finger. */
const most = { here: 1000, cluster: 100_000 }

/**
 * Where the trials of a job run, and on how many workers.
 *
 * @throws UNKNOWN_KIND, UNKNOWN_OPTION, ENGINE_NEEDS_FILE, BAD_OPTION
 */
export function staffOf({ engine, workers, file, threads = 1 }: StudyJob, cores: number): Staff {
  const spec: Spec = typeof engine === 'object' ? engine : { kind: engine ?? (file === undefined ? 'inline' : 'processes') }
  const { name, parallel, room } = build<ClusterEngine>('engine', engines, spec)
  if (!parallel) {
    if (workers !== undefined && workers !== 'auto' && workers > 1)
      throw fail('BAD_OPTION', `engine ${name}`, 'workers', workers, '1: it runs trials in this process, one after another')
    return { engine: spec, workers: 1 }
  }
  // A function cannot travel to another thread or process, a file can.
  if (file === undefined) throw fail('ENGINE_NEEDS_FILE', name)
  const limit = room === undefined ? most.here : most.cluster
  if (typeof workers === 'number' && workers > limit) throw fail('BAD_OPTION', `engine ${name}`, 'workers', workers, `at most ${limit}`)
  // Elsewhere there may be any number of processors, now or later.
  if (room !== undefined) return { engine: spec, workers: workers ?? 'auto' }
  const here = Math.max(1, Math.floor(cores / threads))
  return { engine: spec, workers: workers === undefined || workers === 'auto' ? here : workers }
}

/** Of the settings of a study, which are numbers: 0 are as many as there is room for. */
export function staffSettings({ engine, workers }: Staff): { readonly engine: string; readonly workers: number } {
  return { engine: engine.kind, workers: workers === 'auto' ? 0 : workers }
}

export type HireOptions = Pick<ClusterOptions, 'program' | 'options' | 'onWorker' | 'use'> & Staff

export interface Hired extends AsyncDisposable {
  readonly cluster: Cluster
  /** Rejects when none of the workers could be kept alive, or none will come. */
  readonly gone: Promise<never>
}

/**
 * Starts the workers of a job.
 *
 * @throws what `createCluster` throws
 */
export async function hire(
  job: StudyJob,
  { engine, ...options }: HireOptions,
  { clock, watcher }: Pick<StudySurroundings, 'clock' | 'watcher'>,
): Promise<Hired> {
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  const cluster = await createCluster({
    ...options,
    engine: build<ClusterEngine>('engine', engines, engine),
    assets: { modules: job.file === undefined ? [] : [job.file], data: dataOf(job) },
    clock,
    onGiveUp: (rank, reason) => watcher.say(`Worker ${rank} cannot be kept alive: ${reason}.`),
    onGone: (reason, ranks) => gone.reject(fail('WORKERS_GONE', ranks, reason)),
    onFailure: gone.reject,
    onOutput: (rank, text) => watcher.output(rank, text),
    onSay: watcher.say,
  })
  return { cluster, gone: gone.promise, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() }
}

/** Where the workers of a job look for named data: an absolute path of this machine. */
export function dataDirOf({ dataDir }: Pick<StudyJob, 'dataDir'>): string | undefined {
  const dir = dataDir ?? process.env.TUTTI_DATA
  return dir === undefined ? undefined : resolve(dir)
}

/** What workers may read of this machine: named data, and what lies beside the training, in the project that it is of. */
function dataOf({ file, ...job }: StudyJob): string[] {
  const cwd = process.cwd()
  const own = file === undefined ? [] : wayInto(cwd, file) === undefined ? [dirname(file)] : [cwd]
  return [...own, ...[dataDirOf(job) ?? []].flat()]
}
