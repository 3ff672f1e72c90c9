/** Whether the models are as good as those of others at equal parameters: rows held out, five seeds. */
import type { Line, Part } from '../lib/parts.ts'
import { figure, type Row, type Table } from '../lib/report.ts'
import { mean } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { boosting } from './boost.ts'
import { census, covertype, type Folder, folder, friedman1, type Numbers, splitAt } from './data.ts'
import type { ModelSpec, Task } from './orders.ts'
import { suite, withPrograms } from './part.ts'

interface Case {
  readonly title: string
  readonly peer: string
  readonly model: ModelSpec
}

interface Splits {
  readonly train: Numbers
  readonly test: Numbers
}

/** Points by which the mean may lie behind. */
const allowed = 0.2

export async function accuracy(options: SuiteOptions): Promise<Part> {
  using files = folder()
  const seeds = options.quick ? [0, 1] : [0, 1, 2, 3, 4]
  const cover = covertype(options.dataDir)
  const adult = await census(options.dataDir)
  const notes = [
    ...(cover ? [] : ['Accuracy on Covertype was not measured: the file is not there.']),
    ...(adult ? [] : ['Accuracy on Adult was not measured: the files are not there.']),
  ]
  const parts = [
    ...(cover ? [{ set: 'Covertype', task: 'classification' as Task, split: (seed: number) => splitAt(cover, 80_000, seed) }] : []),
    ...(adult ? [{ set: 'Adult', task: 'classification' as Task, split: (seed: number) => splitAt(adult, 32_561, seed) }] : []),
    { set: 'Friedman 1', task: 'regression' as Task, split: (seed: number) => splitAt(friedman1(12_000, seed), 10_000, seed) },
  ]
  const lines: Line[] = []
  const rows: Row[] = []
  const tables: string[][] = []
  for (const { set, task, split } of parts) {
    const found = await compare(casesOf(task), seeds, split, files, (text) => options.progress(`${set}, ${text}`))
    if ('reason' in found) return { lines: [], notes: [`Accuracy was not measured: ${found.reason}`] }
    for (const [{ title, peer }, scores] of found) {
      const differences = scores.map(([ours, theirs]) => 100 * (ours - theirs))
      const [ours, theirs, ahead] = [mean(scores.map(([a]) => a)), mean(scores.map(([, b]) => b)), mean(differences)]
      const what = `${title} on ${set}`
      const shown = [`${(100 * ours).toFixed(2)}`, `${(100 * theirs).toFixed(2)}`, signed(ahead), deviation(differences).toFixed(2)]
      tables.push([what, peer, ...shown])
      rows.push({
        suite,
        workload: what,
        peer,
        threads: 2,
        ours,
        theirs,
        unit: task === 'regression' ? 'R squared' : 'accuracy',
        ratio: null,
      })
      // A goal is set for one peer of each kind: scikit-learn's forest, LightGBM's boosting.
      if (peer === 'scikit-learn' && title === 'boosting') continue
      lines.push({
        what: `${task === 'regression' ? 'R squared' : 'accuracy'} of ${what}`,
        measured: `${signed(ahead)} points`,
        goal: `within ${allowed} points of ${peer}`,
        met: ahead >= -allowed,
        beside: `${shown[0]} and ${shown[1]} %; deviation of the difference ${shown[3]}`,
      })
    }
  }
  const table: Table = {
    title: 'Accuracy at equal parameters',
    about: `Rows held out, in percent (Friedman 1: R squared times 100): means of ${seeds.length} seeds, each with a split of its own; the difference in points, with its standard deviation over the seeds.`,
    columns: ['what', 'peer', 'tutti', "peer's", 'difference', 'deviation'],
    rows: tables,
  }
  return { lines, rows, tables: [table], notes }
}

function casesOf(task: Task): Case[] {
  return [
    { title: 'random forest', peer: 'scikit-learn', model: { kind: 'forest', task, trees: 100 } },
    { title: 'boosting', peer: 'lightgbm', model: boosting('lightgbm', task) },
    { title: 'boosting', peer: 'scikit-learn', model: boosting('scikit-learn', task) },
  ]
}

/** Scores by seed, ours and theirs. Where two cases ask the same of tutti, it is asked once. */
async function compare(
  cases: readonly Case[],
  seeds: readonly number[],
  split: (seed: number) => Splits,
  files: Folder,
  progress: (text: string) => void,
): Promise<Map<Case, [number, number][]> | { reason: string }> {
  return withPrograms(2, async ({ ours, peer }) => {
    if ('reason' in peer) return peer
    const scores = new Map<Case, [number, number][]>(cases.map((one) => [one, []]))
    for (const seed of seeds) {
      const { train, test } = split(seed)
      const sets = [
        { as: 'train', ...files.write('train', train) },
        { as: 'test', ...files.write('test', test) },
      ]
      for (const set of sets) for (const program of [ours, peer]) await program.ask('load', set)
      const scored = async (program: typeof ours, model: ModelSpec) => {
        await program.ask('fit', { data: 'train', model, threads: 2, seed })
        return (await program.ask('score', { data: 'test' })).score
      }
      const own: Record<string, number> = {}
      for (const one of cases) {
        progress(`${one.title} against ${one.peer}, seed ${seed}`)
        own[one.title] ??= await scored(ours, one.model)
        scores.get(one)?.push([own[one.title] as number, await scored(peer, one.model)])
      }
    }
    return scores
  })
}

function signed(points: number): string {
  return `${points < 0 ? '-' : '+'}${figure(Math.abs(points))}`
}

/** Of the sample. */
function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}
