/** A grid search with cross-validation, with and without sharing its work, against scikit-learn's GridSearchCV. */
import { type Line, missing, type Part, times, turns, versus } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { covertype, folder } from './data.ts'
import type { GridAnswer } from './orders.ts'
import { rowOf, withPrograms } from './part.ts'

const points = {
  maxDepth: [1, 2, 3, 4],
  nEstimators: [50, 100, 150, 200],
  ccpAlpha: [0, 0.0333, 0.0667, 0.1],
}

export async function grid(options: SuiteOptions): Promise<Part> {
  const found = covertype(options.dataDir, 10_000)
  if (!found) return missing('The grid search')
  using files = folder()
  const set = { as: 'train', ...files.write('train', found) }
  // Two workers, each with one thread.
  return await withPrograms(1, async ({ ours, peer }) => {
    const notes: string[] = []
    const grid = options.quick ? { ...points, maxDepth: [1, 4], nEstimators: [50, 100] } : points
    const order = { data: 'train', grid, folds: 5, workers: 2, seed: 0 }
    const answers: Record<string, GridAnswer> = {}
    const contender = (name: string, program: typeof ours, share: boolean) => async () => {
      options.progress(`grid, ${name}`)
      const answer = await program.ask('grid', { ...order, share })
      answers[name] = answer
      return answer.seconds
    }
    await ours.ask('load', set)
    if ('reason' in peer) return { lines: [], notes: [`The grid search was not measured: ${peer.reason}`] }
    await peer.ask('load', set)
    const seconds = await turns(
      options.quick ? 1 : 3,
      {
        tutti: contender('tutti', ours, true),
        apart: contender('apart', ours, false),
        'scikit-learn': contender('scikit-learn', peer, false),
      },
      notes,
    )
    const theirs = seconds['scikit-learn'] ?? []
    const size = Object.values(grid).reduce((product, values) => product * values.length, 1)
    const lines: Line[] = []
    const rows: Row[] = []
    for (const [name, title, goal] of [
      ['tutti', 'with shared work', 40],
      ['apart', 'without shared work', 2],
    ] as const) {
      const mine = seconds[name]
      if (!mine) continue
      const what = `grid of ${size} points x 5 folds, 10,000 rows, 2 workers, ${title}`
      const speed = versus(mine, theirs)
      lines.push({
        what,
        measured: times(speed),
        goal: `>= ${goal} times GridSearchCV`,
        met: speed.ratio >= goal,
        beside: `${figure(median(mine))} s against ${figure(median(theirs))} s`,
      })
      rows.push(rowOf(what, 'scikit-learn', 2, speed))
    }
    for (const [name, { best, at }] of Object.entries(answers)) {
      const point = Object.entries(at).map(([key, value]) => `${key} ${value}`)
      notes.push(`Best of the grid, ${name === 'apart' ? 'tutti without sharing' : name}: ${best.toFixed(4)} at ${point.join(', ')}.`)
    }
    return { lines, rows, notes }
  })
}
