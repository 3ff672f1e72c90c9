/** Fitting estimators inside a run: with its seed, its threads, its signal, and progress to whoever watches. */
import { fail } from '../core/errors.ts'
import type { Dataset, Table } from '../data/index.ts'
import type { AnyEstimator, FitOptions, Predictor } from '../estimator/index.ts'
import type { Environment, Progress } from './environment.ts'

export type LearnOptions = Pick<FitOptions, 'sampleWeight' | 'from'>

export interface LearnHost {
  readonly environment: Environment
  /** Which fit of the run it is. */
  readonly ordinal: number
}

/** @throws ROWS_NEEDED, and what the estimator refuses */
export async function learn(
  { environment, ordinal }: LearnHost,
  estimator: AnyEstimator,
  dataset: Dataset,
  options: LearnOptions = {},
): Promise<Predictor> {
  const { seed, threads, fitThreads = threads, signal, clock, observer } = environment
  const table = await tableOf(dataset, `The estimator '${estimator.name}'`)
  const began = clock.elapsed()
  const progress: Progress = {
    ...{ phase: 'learn', fit: ordinal, epoch: 0, epochs: 1, batch: 0, batches: undefined, updates: 0 },
    ...{ loss: Number.NaN, learningRate: Number.NaN, examples: 0, elapsed: 0, metrics: {} },
  }
  const tell = (change: Partial<Progress>) => observer.progress(Object.assign(progress, change, { elapsed: clock.elapsed() - began }))
  tell({})
  const predictor = await estimator.fit(table, {
    ...options,
    ...{ seed, signal },
    ...(fitThreads !== 'auto' && { threads: fitThreads }),
    onProgress: (done, total) => tell({ batch: done, batches: total, updates: done, examples: done }),
  })
  signal.throwIfAborted()
  tell({ phase: 'done', epoch: 1, batch: 0 })
  return predictor
}

/** The rows of a dataset in memory: a table as it is, a stream read to its end. @throws ROWS_NEEDED */
export async function tableOf(dataset: Dataset, what: string): Promise<Table> {
  if (isTable(dataset)) return dataset
  if ('table' in dataset && typeof dataset.table === 'function') return dataset.table()
  throw fail('ROWS_NEEDED', dataset.name, what)
}

function isTable(dataset: Dataset): dataset is Table {
  return 'columns' in dataset && 'take' in dataset
}
