/** Tutti's side of the grid search: a study, from its start to its end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tune } from '../../src/run/index.ts'
import { dimensions } from '../../src/space/index.ts'
import type { Files } from './data.ts'
import type { GridAnswer, GridOrder } from './orders.ts'

export async function search({ grid, folds, workers, seed, share }: GridOrder, { x, y }: Files, rows: number): Promise<GridAnswer> {
  const store = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  try {
    const began = performance.now()
    const { best, record } = await tune(join(import.meta.dirname, 'gridTraining.ts'), {
      ...{ store, sampler: 'grid', pruner: 'none', cv: folds, workers, seed, share, threads: 1 },
      space: Object.fromEntries(Object.entries(grid).map(([key, values]) => [key, dimensions.choice(values)])),
      settings: { x, y, rows: String(rows) },
    })
    const seconds = (performance.now() - began) / 1000
    const failed = record.trials.find(({ state }) => state !== 'finished')
    if (failed) throw new Error(`trial ${failed.number} is ${failed.state}: ${failed.error?.message}`)
    const size = Object.values(grid).reduce((product, values) => product * values.length, 1)
    if (record.trials.length !== size) throw new Error(`there were ${record.trials.length} trials for ${size} points`)
    const at = Object.fromEntries(Object.keys(grid).map((key) => [key, best?.config[key] as number]))
    return { seconds, best: best?.metrics.accuracy as number, at }
  } finally {
    rmSync(store, { recursive: true, force: true })
  }
}
