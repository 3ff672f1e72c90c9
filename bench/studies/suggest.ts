/** How long a suggestion takes after many trials, here and with Optuna. */
import { random } from '../../src/core/random.ts'
import { type Sampling, samplers } from '../../src/hpo/index.ts'
import { blankStudy } from '../../src/hpo/testing/play.ts'
import { type Assignment, dimensions, searchSpace } from '../../src/space/index.ts'
import { median } from '../lib/statistics.ts'
import { startOptuna } from './peer.ts'
import type { Tried } from './quality.ts'

export interface SuggestOptions {
  /** Fewer suggestions. */
  readonly quick: boolean
  progress(text: string): void
}

export interface Suggested {
  readonly sampler: Tried
  readonly dimensions: number
  /** Trials that were known before. */
  readonly told: number
  /** Milliseconds of each suggestion; each is told before the next is asked for. */
  readonly ours: readonly number[]
  readonly theirs: readonly number[] | undefined
  readonly oursMedian: number
  readonly theirsMedian: number | undefined
  /** Of the first suggestion of a new process, which compiles its code, and which fits all that was told. */
  readonly oursFirst: number
  /** Milliseconds that the issue asks for. */
  readonly goal: number
}

const cases = [
  { sampler: 'tpe', dimensions: 4, told: 1000, goal: 2 },
  { sampler: 'tpe', dimensions: 4, told: 10_000, goal: 10 },
  { sampler: 'gp', dimensions: 6, told: 500, goal: 300 },
] as const

/** Of a sphere, told at random points. The median of many suggestions: a fit that comes only now and then counts among them. */
export async function suggest({ quick, progress }: SuggestOptions): Promise<{ version: string | undefined; results: Suggested[] }> {
  const optuna = await startOptuna()
  const results: Suggested[] = []
  try {
    for (const { goal, ...one } of cases) {
      const asks = one.sampler === 'gp' ? (quick ? 5 : 40) : quick ? 20 : 200
      progress(`${one.sampler} after ${one.told} trials`)
      const ours = timed(one.sampler, one.dimensions, one.told, asks)
      let theirs: readonly number[] | undefined
      if (!('reason' in optuna)) {
        const request = { do: 'suggest', ...one, asks: one.sampler === 'gp' ? Math.min(asks, 20) : Math.min(asks, 100) }
        for await (const line of optuna.ask<{ milliseconds: number[] }>(request)) theirs = line.milliseconds
      }
      results.push({
        ...one,
        goal,
        ours,
        theirs,
        oursMedian: median(ours),
        theirsMedian: theirs === undefined ? undefined : median(theirs),
        oursFirst: ours[0] as number,
      })
    }
  } finally {
    if (!('reason' in optuna)) await optuna.close()
  }
  return { version: 'reason' in optuna ? undefined : optuna.version, results }
}

function timed(sampler: Tried, count: number, told: number, asks: number): number[] {
  const space = searchSpace(Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, dimensions.uniform(0, 1)])))
  const loss = (config: Assignment) => Object.values(config).reduce<number>((sum, value) => sum + ((value as number) - 0.3) ** 2, 0)
  const sampling: Sampling = samplers[sampler]().begin({ space, objectives: 1, trials: told + asks, workers: 1 }, random(0))
  const study = blankStudy()
  const end = (config: Assignment) => {
    const trial = study.add(config)
    study.end(trial, loss(config))
    sampling.tell?.(trial, study)
  }
  const chance = random(1)
  for (let i = 0; i < told; i++) end(space.sample(chance))
  return Array.from({ length: asks }, () => {
    const began = performance.now()
    const ask = sampling.ask(study.trials.length, study)
    const milliseconds = performance.now() - began
    if (ask.kind !== 'point') throw new Error(ask.reason)
    end(ask.assignment)
    return milliseconds
  })
}
