/** A driver that is stopped or killed in the middle of a study: how long something of it is left on the cluster. */
import type { Line, Part } from '../lib/parts.ts'
import { figure } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { type Stopped, stopDriver } from './driver.ts'
import { clusterOf } from './part.ts'

const workers = 3

export async function stop(options: SuiteOptions): Promise<Part> {
  await using cluster = await clusterOf(workers, options)
  const lines: Line[] = []
  for (const [signal, what] of [
    ['SIGINT', 'stop: a study of 3 workers is interrupted'],
    ['SIGKILL', 'stop: its driver is killed'],
  ] as const) {
    const found: Stopped[] = []
    for (let round = 0; round < (options.quick ? 1 : 5); round++) {
      options.progress(`${signal}, round ${round + 1}`)
      found.push(await stopDriver(cluster, workers, signal))
    }
    const gone = found.map((one) => one.gone)
    lines.push({
      what,
      measured: `${figure(median(gone))} s until no process is left`,
      goal: '<= 5 s',
      met: Math.max(...gone) <= 5,
      beside: `longest of ${gone.length} ${figure(Math.max(...gone))} s; the driver itself ${figure(median(found.map(({ driver }) => driver)))} s`,
    })
  }
  return { lines }
}
