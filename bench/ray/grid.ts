/** The Covertype grid on one, two and three nodes, beside Ray Tune with scikit-learn on the same cluster. */
import { type Line, missing, type Part, times, turns, versus } from '../lib/parts.ts'
import { figure, type Row, type Table } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { gridData } from './data.ts'
import { clusterOf, suite } from './part.ts'
import { type GridAnswer, gridTune } from './peer.ts'
import { covtypeGrid, type Grid } from './trials.ts'

/** The example's space. */
const points = {
  maxDepth: [1, 2, 3, 4],
  nEstimators: [50, 100, 150, 200],
  ccpAlpha: [0, 0.0333, 0.0667, 0.1],
}
const folds = 5

export async function grid(options: SuiteOptions): Promise<Part> {
  const dataDir = options.dataDir ?? process.env.TUTTI_DATA ?? '.'
  using data = await gridData(dataDir, folds)
  if (!data) return missing('The grid')
  const searched = options.quick ? { ...points, maxDepth: [1, 4], nEstimators: [50, 100] } : points
  const size = Object.values(searched).reduce((product, values) => product * values.length, 1)
  const notes: string[] = []
  const lines: Line[] = []
  const rows: Row[] = []
  const found: { nodes: number; seconds: Record<string, number[]> }[] = []
  const jobs: number[] = []
  let answers: { ours?: Grid; theirs?: GridAnswer } = {}
  for (const nodes of options.quick ? [1, 2] : [1, 2, 3]) {
    await using cluster = await clusterOf(nodes, options)
    const contender = (name: string, run: () => Promise<{ seconds: number }>) => async () => {
      options.progress(`grid on ${nodes}, ${name}`)
      return (await run()).seconds
    }
    const ours = (share: boolean) => async () => {
      const ours = await covtypeGrid(cluster, { workers: nodes, share, dataDir, folds, points: searched })
      answers = { ...answers, ours }
      return ours
    }
    options.progress(`grid on ${nodes}: one point of each, which is not counted`)
    const point = Object.fromEntries(Object.entries(searched).map(([key, values]) => [key, values.slice(0, 1)]))
    await covtypeGrid(cluster, { workers: nodes, share: false, dataDir, folds, points: point })
    await gridTune(cluster, data.folder, nodes, point)
    const seconds = await turns(
      options.quick ? 1 : 3,
      {
        tutti: contender('shared', ours(true)),
        apart: contender('not shared', ours(false)),
        'Ray Tune': contender('Ray Tune', async () => {
          const theirs = await gridTune(cluster, data.folder, nodes, searched)
          answers = { ...answers, theirs }
          jobs.push(theirs.job - theirs.seconds)
          return theirs
        }),
      },
      notes,
    )
    found.push({ nodes, seconds })
    const theirs = seconds['Ray Tune']
    for (const [name, title] of [
      ['tutti', 'shared work'],
      ['apart', 'work not shared'],
    ] as const) {
      const mine = seconds[name]
      if (!mine || !theirs) continue
      const what = `grid of ${size} x ${folds} on ${nodes} one-CPU ${nodes === 1 ? 'node' : 'nodes'}, ${title}`
      const speed = versus(mine, theirs)
      lines.push({
        what,
        measured: `${times(speed)} faster`,
        goal: 'faster than Ray Tune',
        met: speed.ratio > 1,
        beside: `${figure(speed.ours)} s against ${figure(speed.theirs)} s`,
      })
      rows.push({ suite, workload: what, peer: 'Ray Tune', threads: 1, unit: 's', ...speed })
    }
  }
  const { ours, theirs } = answers
  if (ours && theirs)
    notes.push(
      `Best of the grid on the same ${data.rows.toLocaleString('en-US')} rows in the same folds: tutti ${ours.best.toFixed(4)} at ${pointText(ours.at)}; scikit-learn ${theirs.best.toFixed(4)} at ${pointText(theirs.at)}.`,
      `Ray ${theirs.versions.ray}, scikit-learn ${theirs.versions['scikit-learn']}. Of Ray Tune, the search alone is counted; its job took ${figure(median(jobs))} s more, to import it and to connect. Of tutti, all is: the job's submission, the workers' start, and their end.`,
    )
  return { lines, rows, notes, tables: [scaling(found)] }
}

function scaling(found: readonly { nodes: number; seconds: Record<string, number[]> }[]): Table {
  const one = found[0]
  const cells = ({ nodes, seconds }: (typeof found)[number], name: string) => {
    const [mine, first] = [seconds[name], one?.seconds[name]]
    if (!mine || !first) return ['-', '-', '-']
    const speedUp = median(first) / median(mine)
    return [`${figure(median(mine))} s`, figure(speedUp), `${Math.round((100 * speedUp) / nodes)} %`]
  }
  return {
    title: 'The grid by number of nodes',
    about:
      'Seconds, medians of rounds in which all take turns on one cluster; speed-up and efficiency against one node. The nodes share this machine and its processors.',
    columns: [
      ...['nodes', 'shared', 'speed-up', 'efficiency', 'not shared', 'speed-up', 'efficiency'],
      ...['Ray Tune + scikit-learn', 'speed-up', 'efficiency'],
    ],
    rows: found.map((one) => [String(one.nodes), ...cells(one, 'tutti'), ...cells(one, 'apart'), ...cells(one, 'Ray Tune')]),
  }
}

function pointText(at: Readonly<Record<string, unknown>>): string {
  return Object.entries(at)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
}
