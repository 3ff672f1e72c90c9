/** A real study on real processes: the MNIST file of example 01, with one worker and with two. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tune } from '../../src/run/index.ts'
import { median } from '../lib/statistics.ts'

const file = new URL('../../examples/01-mnist/train.ts', import.meta.url)

/** Seconds from the first trial's begin to the last one's end. */
async function study(
  workers: number,
  trials: number,
  settings: Readonly<Record<string, string>>,
  dataDir: string | undefined,
): Promise<number> {
  const store = await mkdtemp(join(tmpdir(), 'tutti-bench-'))
  try {
    const { record } = await tune(file, {
      ...{ store, workers, trials, settings, engine: 'processes', sampler: 'random', pruner: 'none', seed: 0, threads: 1 },
      ...(dataDir !== undefined && { dataDir }),
    })
    const failed = record.trials.find(({ state }) => state !== 'finished')
    if (failed) throw new Error(`trial ${failed.number} is ${failed.state}: ${failed.error?.message}`)
    const begins = record.trials.map(({ attempts }) => attempts[0]?.begin as number)
    const ends = record.trials.map(({ ended }) => ended as number)
    return (Math.max(...ends) - Math.min(...begins)) / 1000
  } finally {
    await rm(store, { recursive: true, force: true })
  }
}

export interface Throughput {
  readonly what: string
  readonly one: number
  readonly two: number
  /** Throughput of two workers over that of one; one for each pair of runs. */
  readonly ratios: readonly number[]
}

export async function throughput({
  quick,
  dataDir,
  progress,
}: {
  quick: boolean
  dataDir: string | undefined
  progress(text: string): void
}): Promise<Throughput> {
  const trials = quick ? 8 : 60
  const whole = dataDir !== undefined
  const settings: Readonly<Record<string, string>> = whole ? { epochs: '1', shift: '0' } : { source: 'digits', epochs: '4', shift: '0' }
  const what = `${trials} trials of ${whole ? 'one epoch of MNIST (60,000 images)' : 'four epochs of 8,000 digits'}`
  const [one, two]: [number[], number[]] = [[], []]
  for (let round = 0; round < (quick ? 1 : 2); round++) {
    progress(`${what}, 1 worker`)
    one.push(await study(1, trials, settings, dataDir))
    progress(`${what}, 2 workers`)
    two.push(await study(2, trials, settings, dataDir))
  }
  return { what, one: median(one), two: median(two), ratios: one.map((seconds, i) => seconds / (two[i] as number)) }
}
