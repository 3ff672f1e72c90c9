/** Do the examples learn what they should? Each is trained as its file says, once for each seed, by the command line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Report, Row } from '../lib/report.ts'
import type { Suite, SuiteOptions } from '../lib/suite.ts'

interface Job {
  readonly name: string
  readonly example: string
  readonly settings?: Readonly<Record<string, number>>
  /** What is to be reached by the mean over the seeds. */
  readonly goals: readonly Goal[]
  /** Longest time a run may take. */
  readonly seconds?: number
}

interface Goal {
  readonly metric: string
  readonly limit: number
  readonly better: 'above' | 'below'
}

const jobs: readonly Job[] = [
  { name: 'mnist-mlp', example: '01-mnist', settings: { epochs: 10 }, goals: [{ metric: 'accuracy', limit: 0.98, better: 'above' }] },
  { name: 'mnist-cnn', example: '02-mnist-cnn', settings: { epochs: 5 }, goals: [{ metric: 'accuracy', limit: 0.99, better: 'above' }] },
  { name: 'spam', example: '03-spam', goals: [{ metric: 'f1', limit: 0.95, better: 'above' }] },
  {
    name: 'adult',
    example: '04-adult',
    goals: [
      { metric: 'accuracy', limit: 0.852, better: 'above' },
      { metric: 'rocAuc', limit: 0.905, better: 'above' },
    ],
  },
  { name: 'shakespeare', example: '05-shakespeare', goals: [{ metric: 'logLoss', limit: 1.6, better: 'below' }], seconds: 600 },
]
const seeds = [0, 1, 2, 3, 4]
const root = resolve(import.meta.dirname, '../..')

interface Run {
  readonly metrics: Readonly<Record<string, number>>
  readonly seconds: number
}

export const accuracy: Suite = {
  about: 'what the examples reach on their data sets, mean of five seeds (about an hour; --quick: one seed)',
  async run(options) {
    const threads = options.threads[0] ?? Math.min(2, availableParallelism())
    const rows: Row[] = []
    const lines: string[][] = []
    const notes: string[] = []
    for (const job of jobs) {
      if (options.only.length > 0 && !options.only.includes(job.name)) continue
      const runs: Run[] = []
      for (const seed of options.quick ? seeds.slice(0, 1) : seeds) {
        options.progress(`${job.name}, seed ${seed}`)
        runs.push(await train(job, seed, threads, options))
      }
      const longest = Math.max(...runs.map(({ seconds }) => seconds))
      const late = job.seconds !== undefined && longest > job.seconds
      if (late) notes.push(`${job.name} took ${longest.toFixed(0)} s, and ${job.seconds} were allowed.`)
      for (const goal of job.goals) {
        const values = runs.map(({ metrics }) => metrics[goal.metric] as number)
        const mean = meanOf(values)
        const met = goal.better === 'above' ? mean >= goal.limit : mean <= goal.limit
        const name = `${job.name} ${goal.metric}`
        const row = { suite: 'accuracy', workload: name, threads, unit: '', ratio: null }
        rows.push({ ...row, peer: 'goal', ours: mean, theirs: goal.limit })
        rows.push({ ...row, workload: `${name} deviation`, peer: 'none', ours: deviation(values), theirs: null })
        const wanted = `${goal.better === 'above' ? '>=' : '<='} ${goal.limit}${job.seconds === undefined ? '' : ` in ${job.seconds} s`}`
        const found = [mean.toFixed(4), deviation(values).toFixed(4), String(values.length), longest.toFixed(0)]
        lines.push([name, wanted, ...found, met && !late ? 'yes' : '**no**'])
      }
    }
    const table = {
      title: 'Accuracy',
      about: `Held-out examples, ${threads} ${threads === 1 ? 'thread' : 'threads'}; seconds are those of the longest run.`,
      columns: ['workload', 'wanted', 'mean', 'deviation', 'seeds', 'seconds', 'met'],
      rows: lines,
    }
    return { rows, tables: [table], notes } satisfies Report
  },
}

/** The example's own check of its result is left out: here the mean counts, and it is told. */
async function train({ example, settings = {}, goals }: Job, seed: number, threads: number, { dataDir }: SuiteOptions): Promise<Run> {
  const store = mkdtempSync(join(tmpdir(), 'tutti-accuracy-'))
  try {
    const expect = goals[0]?.better === 'below' ? 1e9 : 0
    const sets = Object.entries({ ...settings, expect }).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const places = ['--store', store, ...(dataDir === undefined ? [] : ['--data-dir', resolve(dataDir)])]
    const options = ['--json', '--quiet', '--seed', String(seed), '--threads', String(threads)]
    const command = ['bin/tutti.js', 'train', `examples/${example}/train.ts`, ...options, ...places, ...sets]
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    if (code !== 0) throw new Error(`${example} with seed ${seed} ended with ${code}: ${stderr.trim()}`)
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as Run
  } finally {
    rmSync(store, { recursive: true })
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** Of the sample; 0 of a single value. */
function deviation(values: readonly number[]): number {
  const mean = meanOf(values)
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
