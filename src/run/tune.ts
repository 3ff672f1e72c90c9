/** Studies and ablations as functions, for programs: what `tutti tune` and `tutti ablate` do. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clock, realClock } from '../core/clock.ts'
import { fail } from '../core/errors.ts'
import { readStudy, type StudyRecord } from '../hpo/index.ts'
import { openStore, type Store } from '../store/index.ts'
import type { Config, DataSplits, SpaceOf, Training } from '../train/index.ts'
import { loadTraining } from './load.ts'
import { ablation, study } from './modes/index.ts'
import {
  type AblationJob,
  type AblationResult,
  noStudyWatcher,
  type StudyJob,
  type StudyResult,
  type StudySurroundings,
  type StudyWatcher,
} from './study.ts'

interface Around {
  /** A folder or an open store. Default '.tutti'. */
  readonly store?: string | Store
  readonly signal?: AbortSignal
  readonly watcher?: Partial<StudyWatcher>
  readonly clock?: Clock
}

export interface TuneOptions<C extends Config = Config> extends Omit<StudyJob, 'training' | 'file' | 'space'>, Around {
  /** Instead of the training's own. */
  readonly space?: SpaceOf<C>
}

export interface AblateOptions extends Omit<AblationJob, 'training' | 'file'>, Around {}

export type Tuned = StudyResult & { readonly record: StudyRecord }
export type Ablated = AblationResult & { readonly record: StudyRecord }

/**
 * Runs a study of a training: a file's path or URL, or the training itself, whose trials then run in this process.
 *
 * @throws what keeps a study from going on: SPACE_MISSING, OBJECTIVE_MISSING, STUDY_DRIVEN, STUDY_CHANGED, WORKERS_GONE, STORE_FULL, ...
 * A study none of whose trials finished is told by its status.
 * @example
 * ```ts
 * const { best, record } = await tune('train.ts', { sampler: 'tpe', pruner: 'asha', trials: 40, workers: 2 })
 * ```
 */
export async function tune<C extends Config, D extends DataSplits>(
  what: string | URL | Training<C, D>,
  options: TuneOptions<C> = {},
): Promise<Tuned> {
  const { store, signal, watcher, clock, ...job } = options
  return around(what, { store, signal, watcher, clock }, (subject, surroundings) =>
    study().run({ ...(job as Omit<StudyJob, 'training'>), ...subject }, surroundings),
  )
}

/**
 * Runs an ablation of a training: with everything, then without one part at a time.
 *
 * @throws as `tune`, and ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_LAYER, ABLATION_FEATURES
 * @example
 * ```ts
 * const { table } = await ablate('train.ts', { components: ['feature:age', 'layer:hidden2'], seeds: 5 })
 * ```
 */
export async function ablate<C extends Config, D extends DataSplits>(
  what: string | URL | Training<C, D>,
  options: AblateOptions = {},
): Promise<Ablated> {
  const { store, signal, watcher, clock, ...job } = options
  return around(what, { store, signal, watcher, clock }, (subject, surroundings) => ablation().run({ ...job, ...subject }, surroundings))
}

type Subject = Pick<StudyJob, 'training' | 'file'>

async function around<C extends Config, D extends DataSplits, R extends StudyResult>(
  what: string | URL | Training<C, D>,
  {
    store: given = '.tutti',
    signal = new AbortController().signal,
    watcher,
    clock = realClock,
  }: { [K in keyof Around]: Around[K] | undefined },
  run: (subject: Subject, surroundings: StudySurroundings) => Promise<R>,
): Promise<R & { readonly record: StudyRecord }> {
  const file = typeof what === 'string' ? resolve(what) : what instanceof URL ? fileURLToPath(what) : undefined
  const training = file === undefined ? (what as unknown as Training) : await loadTraining(file)
  await using owned = typeof given === 'string' ? await openStore({ path: given, clock }) : undefined
  const store = owned ?? (given as Store)
  const surroundings = { store, clock, signal, watcher: { ...noStudyWatcher, ...watcher }, cores: availableParallelism() }
  const result = await run({ training, ...(file !== undefined && { file }) }, surroundings)
  if (result.cause !== undefined) throw result.cause instanceof Error ? result.cause : fail('INTERNAL', String(result.cause))
  return { ...result, record: await readStudy(store, result.study) }
}
