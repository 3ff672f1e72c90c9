/** How the time of fitting grows with the rows. */
import { count, type Line, type Part, turns, versus } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { folder, generated } from './data.ts'
import type { ModelSpec } from './orders.ts'
import { rowOf, withPrograms } from './part.ts'

const model: ModelSpec = { kind: 'forest', task: 'classification', trees: 5 }

export async function growth(options: SuiteOptions): Promise<Part> {
  const sizes = options.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]
  using files = folder()
  return await withPrograms(1, async ({ ours, peer }) => {
    const notes = 'reason' in peer ? [`scikit-learn was not measured: ${peer.reason}`] : []
    const rows: Row[] = []
    const found: { size: number; ours: number; theirs: number }[] = []
    for (const size of sizes) {
      options.progress(`5 trees of ${count(size)} rows`)
      const set = { as: 'train', ...files.write('train', generated(size)) }
      const programs = 'reason' in peer ? { tutti: ours } : { tutti: ours, 'scikit-learn': peer }
      for (const program of Object.values(programs)) await program.ask('load', set)
      const contenders = Object.entries(programs).map(([name, program]) => [
        name,
        async () => (await program.ask('fit', { data: 'train', model, threads: 1, seed: 0 })).seconds,
      ])
      // The first fits compile the code; they are not counted.
      if (size === sizes[0]) await turns(2, Object.fromEntries(contenders), notes)
      const seconds = await turns(size >= 1_000_000 ? 1 : options.quick ? 1 : 5, Object.fromEntries(contenders), notes)
      const [mine, theirs] = [seconds.tutti as number[], seconds['scikit-learn']]
      found.push({ size, ours: median(mine), theirs: theirs ? median(theirs) : Number.NaN })
      if (theirs) rows.push(rowOf(`5 trees of ${count(size)} x 20`, 'scikit-learn', 1, versus(mine, theirs)))
    }
    const lines = found.slice(1).map((large, i): Line => {
      const small = found[i] as (typeof found)[0]
      const allowed = (large.size * Math.log(large.size)) / (small.size * Math.log(small.size))
      const factor = large.ours / small.ours
      return {
        what: `time to fit ${count(large.size)} rows over that of ${count(small.size)}`,
        measured: `${figure(factor)} times`,
        goal: `<= ${figure(allowed)} (n log n)`,
        met: factor <= allowed,
        beside: `${figure(small.ours)} s and ${figure(large.ours)} s; scikit-learn ${figure(large.theirs / small.theirs)} times (${figure(small.theirs)} s and ${figure(large.theirs)} s)`,
      }
    })
    return { lines, rows, notes }
  })
}
