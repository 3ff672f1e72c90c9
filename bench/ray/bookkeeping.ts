/** What a trial that does nothing costs on a Ray cluster, beside Ray Tune on the same one. */
import { type Part, times, turns, versus } from '../lib/parts.ts'
import { figure } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { clusterOf, suite } from './part.ts'
import { trivialTune } from './peer.ts'
import { trivial } from './trials.ts'

const workers = 2

export async function bookkeeping(options: SuiteOptions): Promise<Part> {
  await using cluster = await clusterOf(3, options)
  const notes: string[] = []
  const [trials, few] = options.quick ? [500, 40] : [2000, 100]
  const whole: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
  const taken = await turns(
    options.quick ? 1 : 5,
    {
      async tutti() {
        options.progress('trials that do nothing')
        const { milliseconds, whole: seconds } = await trivial(cluster, trials, workers)
        whole.ours.push(seconds)
        return milliseconds
      },
      async 'Ray Tune'() {
        options.progress('the same of Ray Tune')
        const { seconds, job } = await trivialTune(cluster, few, workers)
        whole.theirs.push(job)
        return (1000 * seconds) / few
      },
    },
    notes,
  )
  const [mine = [], theirs = []] = [taken.tutti, taken['Ray Tune']]
  const middle = median(mine)
  const speed = versus(mine, theirs)
  const what = `a trivial trial, ${workers} workers on a Ray cluster`
  return {
    notes: [
      ...notes,
      `Trivial trials are measured from the end of an early one to that of the last (${trials.toLocaleString('en-US')} of tutti, ${few} of Ray Tune, whose actors are used again): no start is counted. With it, the whole of tutti's ${(trials + 50).toLocaleString('en-US')} trials took ${figure(median(whole.ours))} s, and the job of Ray Tune's ${few + 10} took ${theirs.length > 0 ? figure(median(whole.theirs)) : '-'} s.`,
    ],
    rows: theirs.length > 0 ? [{ suite, workload: what, peer: 'Ray Tune', threads: 1, unit: 'ms', ...speed }] : [],
    lines: [
      {
        what,
        measured: `${figure(middle)} ms`,
        goal: '<= 10 ms',
        met: middle <= 10,
        beside: theirs.length > 0 ? `Ray Tune ${figure(median(theirs))} ms` : '-',
      },
      ...(theirs.length > 0
        ? [
            {
              what: 'the same against Ray Tune',
              measured: times(speed),
              goal: '>= 10 times',
              met: speed.ratio >= 10,
              beside: `${mine.length} rounds`,
            },
          ]
        : []),
    ],
  }
}
