/** How long histogram boosting takes, against LightGBM, scikit-learn and XGBoost at equal parameters. */
import { type Line, missing, type Part, times, turns, versus } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { covertype, folder } from './data.ts'
import type { Library, ModelSpec, Task } from './orders.ts'
import { rowOf, threadsOf, threadsText, withPrograms } from './part.ts'

const libraries: readonly Library[] = ['lightgbm', 'scikit-learn', 'xgboost']

export function boosting(library: Library, task: Task): ModelSpec {
  return { kind: 'boosting', library, task, rounds: 100, leaves: 31, bins: 255, rate: 0.1, least: 20 }
}

export async function boost(options: SuiteOptions): Promise<Part> {
  const found = covertype(options.dataDir)
  if (!found) return missing('Boosting')
  using files = folder()
  const data = { as: 'train', ...files.write('train', found) }
  const rounds = options.quick ? 1 : 3
  const lines: Line[] = []
  const rows: Row[] = []
  const notes: string[] = []
  for (const threads of threadsOf(options)) {
    await withPrograms(threads, async ({ ours, peer }) => {
      const what = `boosting, 100,000 x 54, 100 rounds, ${threadsText(threads)}`
      await ours.ask('load', data)
      if ('reason' in peer) notes.push(`Boosting's peers were not measured: ${peer.reason}`)
      else await peer.ask('load', data)
      const contender = (name: string, program: typeof ours, library: Library) => async () => {
        options.progress(`${what}, ${name}`)
        return (await program.ask('fit', { data: 'train', model: boosting(library, 'classification'), threads, seed: 0 })).seconds
      }
      const peers = 'reason' in peer ? [] : libraries.map((library) => [library, contender(library, peer, library)] as const)
      const seconds = await turns(rounds, { tutti: contender('tutti', ours, 'lightgbm'), ...Object.fromEntries(peers) }, notes)
      const mine = seconds.tutti as number[]
      const others = libraries.flatMap((library) => (seconds[library] ? [{ library, ...versus(mine, seconds[library]) }] : []))
      rows.push(...others.map(({ library, ...speed }) => rowOf(what, library, threads, speed)))
      const first = others.find(({ library }) => library === 'lightgbm')
      lines.push({
        what,
        measured: first ? times(first) : `${figure(median(mine))} s`,
        goal: '>= 1 times LightGBM',
        met: first && first.ratio >= 1,
        beside: `${figure(median(mine))} s; ${others.map(({ library, theirs }) => `${library} ${figure(theirs)} s`).join(', ')}`,
      })
    })
  }
  return { lines, rows, notes }
}
