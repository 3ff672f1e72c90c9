/** Tutti's studies on a Ray cluster. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningCluster } from '../../scripts/cluster/index.ts'
import { type StudyWatcher, type Tuned, type TuneOptions, tune } from '../../src/run/index.ts'
import { engineOf } from './part.ts'

const trivialFile = join(import.meta.dirname, '../studies/trivial.ts')
const covtypeFile = join(import.meta.dirname, '../../examples/08-covtype/train.ts')

/** Milliseconds a trial that does nothing: from the end of one that was not the first to that of the last, so that no start is counted. */
export async function trivial(cluster: RunningCluster, trials: number, workers: number): Promise<{ milliseconds: number; whole: number }> {
  const ended: number[] = []
  const watcher: Partial<StudyWatcher> = { ended: () => void ended.push(performance.now()) }
  const warm = 50
  const count = trials + warm
  const began = performance.now()
  await run(trivialFile, { engine: engineOf(cluster), workers, trials: count, sampler: 'random', pruner: 'none', watcher }, count)
  const whole = (performance.now() - began) / 1000
  return { milliseconds: ((ended.at(-1) as number) - (ended[warm - 1] as number)) / trials, whole }
}

export interface Grid {
  /** Of the whole study: the job's submission, the start of the workers, and their end too. */
  readonly seconds: number
  readonly best: number
  readonly at: Readonly<Record<string, unknown>>
}

/** The example's grid, or a part of it. */
export async function covtypeGrid(cluster: RunningCluster, { workers, share, dataDir, folds, points }: GridOrder): Promise<Grid> {
  const size = Object.values(points).reduce((product, values) => product * values.length, 1)
  const space = Object.fromEntries(Object.entries(points).map(([key, values]) => [key, { kind: 'choice', values }]))
  const began = performance.now()
  const job = { engine: engineOf(cluster), workers, share, sampler: 'grid', pruner: 'none', cv: folds, threads: 1, dataDir }
  const { best } = await run(covtypeFile, { ...job, space: space as never }, size)
  const seconds = (performance.now() - began) / 1000
  const at = Object.fromEntries(Object.keys(points).map((key) => [key, best?.config[key]]))
  return { seconds, best: best?.metrics.accuracy as number, at }
}

export interface GridOrder {
  readonly workers: number
  readonly share: boolean
  readonly dataDir: string
  readonly folds: number
  readonly points: Readonly<Record<string, readonly number[]>>
}

async function run(file: string, options: TuneOptions, trials: number): Promise<Tuned> {
  const store = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  try {
    const done = await tune(file, { ...options, store })
    const failed = done.record.trials.find(({ state }) => state !== 'finished')
    if (failed) throw new Error(`trial ${failed.number} is ${failed.state}: ${failed.error?.message}`)
    if (done.record.trials.length !== trials) throw new Error(`there were ${done.record.trials.length} trials where ${trials} were wanted`)
    return done
  } finally {
    rmSync(store, { recursive: true, force: true })
  }
}
