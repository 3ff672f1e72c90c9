/** How good the best of 100 points is that a sampler suggests, against Optuna's sampler of the same kind. */
import { availableParallelism } from 'node:os'
import { random } from '../../src/core/random.ts'
import { samplers } from '../../src/hpo/index.ts'
import { playStudy } from '../../src/hpo/testing/play.ts'
import { type SearchSpace, searchSpace } from '../../src/space/index.ts'
import { median, signedRanks } from '../lib/statistics.ts'
import { functions, others, type TestFunction } from './functions.ts'
import { type Optuna, startOptuna } from './peer.ts'

export interface QualityOptions {
  /** Two functions, 5 seeds, 40 trials. */
  readonly quick: boolean
  /** Default 20. */
  readonly seeds?: number
  readonly trials?: number
  /** The functions that nothing was tuned on, too. */
  readonly others?: boolean
  progress(text: string): void
}

export type Tried = 'tpe' | 'gp'

export interface Quality {
  readonly sampler: Tried
  readonly name: string
  readonly title: string
  readonly trials: number
  readonly seeds: number
  /** How far above the least loss the best one was; by seed. */
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
  readonly oursMedian: number
  readonly theirsMedian: number
  /** Wilcoxon's signed-rank test, two-sided. */
  readonly p: number
  /** From -1 (worse for every seed) to 1 (better for every seed). */
  readonly better: number
  readonly verdict: 'better' | 'worse' | 'undecided'
  /** Milliseconds a trial, of a whole study; median over seeds. */
  readonly oursTime: number
  readonly theirsTime: number
}

/** Tests that say "worse" or "better" are wrong once in twenty times. */
const level = 0.05

/** Both with their defaults and the same budgets, one study for each seed. Without Optuna there is nothing to compare. */
export async function quality(options: QualityOptions): Promise<{ version: string; results: Quality[] } | { reason: string }> {
  const { quick, progress } = options
  const seeds = options.seeds ?? (quick ? 5 : 20)
  const trials = options.trials ?? (quick ? 40 : 100)
  // One for each processor: it takes most of the time, and each study is its own.
  const started = await Promise.all(Array.from({ length: quick ? 1 : availableParallelism() }, startOptuna))
  const peers = started.flatMap((one) => ('reason' in one ? [] : [one]))
  const [first] = peers
  if (!first) return started[0] as { reason: string }
  const all = quick ? functions.filter(({ name }) => name === 'branin' || name === 'mixed') : functions
  try {
    const results: Quality[] = []
    for (const sampler of ['tpe', 'gp'] as const) {
      for (const one of [...all, ...(options.others ? others : [])]) {
        progress(`${sampler} on ${one.title}, ${seeds} seeds`)
        results.push(await compare(peers, sampler, one, seeds, trials))
      }
    }
    return { version: first.version, results }
  } finally {
    for (const one of peers) await one.close()
  }
}

async function compare(peers: readonly Optuna[], sampler: Tried, one: TestFunction, seeds: number, trials: number): Promise<Quality> {
  const space = searchSpace(one.space)
  await checkSame(peers[0] as Optuna, one, space)
  const list = Array.from({ length: seeds }, (_, seed) => seed)
  const theirs: { best: number; seconds: number }[] = []
  const share = async (optuna: Optuna, at: number) => {
    const seeds = list.filter((seed) => seed % peers.length === at)
    let done = 0
    const request = { do: 'quality', function: one.name, sampler, seeds, trials }
    for await (const line of optuna.ask<{ best: number; seconds: number }>(request)) theirs[seeds[done++] as number] = line
  }
  await Promise.all(peers.map(share))
  const ours = list.map((seed) => {
    const began = performance.now()
    const { best } = playStudy({ sampler: samplers[sampler](), space, trials, seed, objective: (config) => one.loss(config) })
    return { best, seconds: (performance.now() - began) / 1000 }
  })
  const above = (found: readonly { best: number }[]) => found.map(({ best }) => Math.max(0, best - one.least))
  const [mine, optunas] = [above(ours), above(theirs)]
  const { p, below } = signedRanks(mine.map((value, seed) => value - (optunas[seed] as number)))
  const time = (found: readonly { seconds: number }[]) => (1000 * median(found.map(({ seconds }) => seconds))) / trials
  return {
    sampler,
    name: one.name,
    title: one.title,
    trials,
    seeds,
    ours: mine,
    theirs: optunas,
    oursMedian: median(mine),
    theirsMedian: median(optunas),
    p,
    better: below,
    verdict: p >= level ? 'undecided' : below > 0 ? 'better' : 'worse',
    oursTime: time(ours),
    theirsTime: time(theirs),
  }
}

/** Both programs must measure the same function. */
async function checkSame(optuna: Optuna, one: TestFunction, space: SearchSpace): Promise<void> {
  const chance = random(0)
  const configs = Array.from({ length: 20 }, () => space.sample(chance))
  for await (const { values } of optuna.ask<{ values: number[] }>({ do: 'values', function: one.name, configs })) {
    for (const [i, value] of values.entries()) {
      const own = one.loss(configs[i] as never)
      if (Math.abs(own - value) > 1e-9 * Math.max(1, Math.abs(own))) throw new Error(`${one.title} is ${own} here and ${value} in Python`)
    }
  }
}
