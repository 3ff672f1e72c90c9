/** From the first word to Ray until three workers are there. */
import type { Part } from '../lib/parts.ts'
import { figure } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { stay } from './company.ts'
import { clusterOf } from './part.ts'

const workers = 3

export async function ready(options: SuiteOptions): Promise<Part> {
  await using cluster = await clusterOf(workers, options)
  options.progress('the first workers')
  const first = await stay(cluster, workers)
  const later: number[] = []
  const gone = [first.gone]
  for (let round = 0; round < (options.quick ? 2 : 7); round++) {
    options.progress(`workers, round ${round + 1}`)
    const one = await stay(cluster, workers)
    later.push(one.ready)
    gone.push(one.gone)
  }
  const took = median(later)
  return {
    lines: [
      {
        what: `submit to ${workers} workers ready`,
        measured: `${figure(took)} s`,
        goal: '<= 6 s',
        met: took <= 6,
        beside: `longest of ${later.length} ${figure(Math.max(...later))} s; the first on a new cluster, with the upload, ${figure(first.ready)} s`,
      },
      {
        what: `stop: the driver lets ${workers} workers go`,
        measured: `${figure(median(gone))} s until no process is left`,
        goal: '<= 5 s',
        met: Math.max(...gone) <= 5,
        beside: `longest of ${gone.length} ${figure(Math.max(...gone))} s`,
      },
    ],
  }
}
