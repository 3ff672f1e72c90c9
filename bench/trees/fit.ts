/** How long a random forest takes to fit, and the memory it needs, against scikit-learn. */
import { count, type Line, missing, type Part, times, turns, versus } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { covertype, folder } from './data.ts'
import type { ModelSpec } from './orders.ts'
import { rowOf, threadsOf, threadsText, withPrograms } from './part.ts'

const model: ModelSpec = { kind: 'forest', task: 'classification', trees: 100 }

export const fit100k = (options: SuiteOptions) => fit(options, 100_000, options.quick ? 1 : 5)
export const fit10k = (options: SuiteOptions) => fit(options, 10_000, options.quick ? 2 : 9)

async function fit(options: SuiteOptions, rows: number, rounds: number): Promise<Part> {
  const found = covertype(options.dataDir, rows)
  if (!found) return missing(`Fitting ${count(rows)} rows`)
  using files = folder()
  const data = { as: 'train', ...files.write('train', found) }
  const lines: Line[] = []
  const measured: Row[] = []
  const notes: string[] = []
  for (const threads of threadsOf(options)) {
    await withPrograms(threads, async ({ ours, peer }) => {
      const what = `random forest, ${count(rows)} x 54, ${threadsText(threads)}`
      const peaks: Record<string, number> = {}
      const nodes: Record<string, number[]> = {}
      const contender = (name: string, program: typeof ours) => async () => {
        const seed = nodes[name]?.length ?? 0
        options.progress(`${what}, ${name}, round ${seed + 1} of ${rounds}`)
        const answer = await program.ask('fit', { data: 'train', model, threads, seed })
        ;(nodes[name] ??= []).push(answer.nodes ?? Number.NaN)
        // After the first fit of a fresh process: what only many fits would need is not asked of a single one.
        peaks[name] ??= (await program.ask('memory', {})).peak
        return answer.seconds
      }
      await ours.ask('load', data)
      if ('reason' in peer) notes.push(`scikit-learn was not measured: ${peer.reason}`)
      else await peer.ask('load', data)
      const seconds = await turns(
        rounds,
        { tutti: contender('tutti', ours), ...(!('reason' in peer) && { 'scikit-learn': contender('scikit-learn', peer) }) },
        notes,
      )
      const [mine, theirs] = [seconds.tutti as number[], seconds['scikit-learn']]
      if (!theirs) return void lines.push({ what, measured: `${figure(median(mine))} s`, goal: '>= 2 times', met: undefined, beside: '-' })
      const speed = versus(mine, theirs)
      const [peak, theirPeak] = [peaks.tutti as number, peaks['scikit-learn'] as number]
      lines.push(
        {
          what,
          measured: times(speed),
          goal: '>= 2 times scikit-learn',
          met: speed.ratio >= 2,
          beside: `${figure(speed.ours)} s against ${figure(speed.theirs)} s`,
        },
        {
          what: `memory of it`,
          measured: `${figure(peak)} MB`,
          goal: "<= scikit-learn's",
          met: peak <= theirPeak,
          beside: `scikit-learn ${figure(theirPeak)} MB`,
        },
      )
      measured.push(rowOf(what, 'scikit-learn', threads, speed), {
        ...rowOf(
          `${what}, memory`,
          'scikit-learn',
          threads,
          { ours: peak, theirs: theirPeak, ratio: theirPeak / peak, quartiles: [0, 0] },
          'MB',
        ),
        quartiles: undefined,
      })
      const size = (name: string) => count(Math.round(median(nodes[name] as number[])))
      notes.push(`Nodes of the forest, ${what}: tutti ${size('tutti')}, scikit-learn ${size('scikit-learn')}.`)
    })
  }
  return { lines, rows: measured, notes }
}
