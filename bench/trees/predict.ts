/** How long predictions of a fitted forest take: many rows at once, and one row at a time. */
import { type Line, missing, type Part, times, turns, versus } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median, quantile } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { covertype, folder, splitAt } from './data.ts'
import type { ModelSpec } from './orders.ts'
import { rowOf, withPrograms } from './part.ts'

const model: ModelSpec = { kind: 'forest', task: 'classification', trees: 100 }
/** Predictions of all rows in a turn; the median of them counts. */
const repeats = 3

export async function predict(options: SuiteOptions): Promise<Part> {
  const all = covertype(options.dataDir)
  if (!all) return missing('Prediction')
  using files = folder()
  const { train, test } = splitAt(all, 80_000, 0)
  const sets = [
    { as: 'train', ...files.write('train', train) },
    { as: 'test', ...files.write('test', test) },
  ]
  const rounds = options.quick ? 2 : 7
  return await withPrograms(2, async ({ ours, peer }) => {
    const notes: string[] = []
    const programs = 'reason' in peer ? [ours] : [ours, peer]
    const scores: number[] = []
    options.progress('fitting 100 trees to 80,000 rows')
    for (const program of programs) {
      for (const set of sets) await program.ask('load', set)
      await program.ask('fit', { data: 'train', model, threads: 2, seed: 0 })
      scores.push((await program.ask('score', { data: 'test' })).score)
    }
    if ('reason' in peer) return { lines: [], notes: [`Prediction was not measured: ${peer.reason}`] }
    notes.push(
      `Accuracy on the 20,000 rows: tutti ${figure(100 * (scores[0] as number))} %, scikit-learn ${figure(100 * (scores[1] as number))} %.`,
    )
    const lines: Line[] = []
    const rows: Row[] = []
    const batch = (program: typeof ours, threads: number) => async () =>
      median((await program.ask('predict', { data: 'test', threads, times: repeats })).seconds)
    options.progress('20,000 rows at once')
    const seconds = await turns(
      rounds,
      { tutti: batch(ours, 1), 'scikit-learn': batch(peer, 1), 'scikit-learn, 2 threads': batch(peer, 2) },
      notes,
    )
    const one = versus(seconds.tutti as number[], seconds['scikit-learn'] as number[])
    const two = versus(seconds.tutti as number[], seconds['scikit-learn, 2 threads'] as number[])
    const what = 'prediction, 100 trees, 20,000 rows, 1 thread'
    lines.push(
      {
        what,
        measured: times(one),
        goal: '>= 1.5 times scikit-learn',
        met: one.ratio >= 1.5,
        beside: `${figure(1000 * one.ours)} ms against ${figure(1000 * one.theirs)} ms`,
      },
      {
        what: "the same, scikit-learn's with 2 threads",
        measured: times(two),
        goal: '-',
        met: undefined,
        beside: `${figure(1000 * two.theirs)} ms; predictions of tutti take one thread`,
      },
    )
    rows.push(rowOf(what, 'scikit-learn', 1, one), rowOf(what, 'scikit-learn, 2 threads', 2, two))
    options.progress('one row at a time')
    const single = (await ours.ask('single', { data: 'test', rows: 20_000 })).microseconds
    const theirs = (await peer.ask('single', { data: 'test', rows: options.quick ? 50 : 500 })).microseconds
    // The first rows compile the code.
    const warm = single.slice(2000)
    const latency = versus([median(warm)], [median(theirs)])
    lines.push({
      what: 'a single row, 100 trees',
      measured: `${figure(latency.ours)} microseconds`,
      goal: '<= 20 microseconds',
      met: latency.ours <= 20,
      beside: `99 % within ${figure(quantile(warm, 0.99))}; scikit-learn ${figure(latency.theirs)}`,
    })
    rows.push(rowOf('a single row, 100 trees', 'scikit-learn', 1, latency, 'microseconds'))
    return { lines, rows, notes }
  })
}
