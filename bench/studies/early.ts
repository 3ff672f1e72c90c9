/** What early stopping and asynchrony are worth, on simulated learning curves. */
import { pruners, samplers } from '../../src/hpo/index.ts'
import type { Assignment } from '../../src/space/index.ts'
import { median } from '../lib/statistics.ts'
import { families, inRounds, race } from './simulated.ts'

/** Wider networks take longer: from half a second to one and a half a step. */
const duration = ({ width }: Assignment) => 500 + (1000 * (Math.log2(Number(width)) - 4)) / 5

export interface Scaling {
  readonly workers: number
  /** Steps trained in the same virtual time, as so many times those of one worker. */
  readonly speedUp: number
  readonly utilization: number
}

/** How many times more a growing number of workers trains in the same time, with asha. */
export async function scaling({ quick }: { quick: boolean }): Promise<Scaling[]> {
  const found: Scaling[] = []
  let one: number | undefined
  for (const workers of quick ? [1, 8, 64] : [1, 8, 64, 512]) {
    const { steps, utilization } = await race({
      ...{
        curves: families.exponential({ seed: 1 }),
        pruner: pruners.asha(),
        workers,
        until: quick ? 50 : 100,
        seed: 0,
        duration,
        charge: true,
      },
    })
    one ??= steps
    found.push({ workers, speedUp: steps / one, utilization })
  }
  return found
}

export interface SameValue {
  readonly family: string
  /** Time that asha took to the best value of random search, as a share of what random search took. Median over seeds. */
  readonly share: number
  /** Trials begun in the same time. */
  readonly asha: number
  readonly random: number
}

/** When asha has the value that random search without stopping ends with, both with 25 workers and the same virtual time. */
export async function sameValue({ quick }: { quick: boolean }): Promise<SameValue[]> {
  const until = quick ? 800 : 2000
  const seeds = Array.from({ length: quick ? 3 : 11 }, (_, seed) => seed)
  const found: SameValue[] = []
  for (const [family, make] of Object.entries(families)) {
    const shares: number[] = []
    let [asha, random] = [0, 0]
    for (const seed of seeds) {
      const common = { curves: make({ seed }), workers: 25, until, seed, duration }
      const slow = await race({ ...common, pruner: pruners.none() })
      const fast = await race({ ...common, pruner: pruners.asha() })
      const target = slow.best.at(-1)
      if (!target) throw new Error('random search finished no trial')
      const reached = fast.best.find(({ loss }) => loss <= target.loss)
      shares.push(reached ? reached.seconds / target.seconds : Number.POSITIVE_INFINITY)
      asha += fast.trials / seeds.length
      random += slow.trials / seeds.length
    }
    // The middle one, which may be that it was not reached: nothing is to be added to that.
    found.push({ family, share: shares.sort((a, b) => a - b)[shares.length >> 1] as number, asha, random })
  }
  return found
}

export interface Synchrony {
  readonly family: string
  /** Less time than bulk-synchronous rounds at the same number of trials, as a share: asynchronous alone, and with the median rule. */
  readonly alone: number
  readonly stopping: number
  /** Best value with the median rule less the best without; 0 is the same. */
  readonly worse: number
}

/** Asynchronous trials with early stopping against bulk-synchronous rounds without, at the same number of trials: Maggy's comparison. */
export async function synchrony({ quick }: { quick: boolean }): Promise<Synchrony[]> {
  const seeds = Array.from({ length: quick ? 3 : 11 }, (_, seed) => seed)
  const found: Synchrony[] = []
  for (const [family, make] of Object.entries(families)) {
    const [alone, stopping, worse]: [number[], number[], number[]] = [[], [], []]
    for (const seed of seeds) {
      const common = { curves: make({ seed }), workers: 8, trials: 96, seed, duration }
      const rounds = await race({ ...common, pruner: pruners.none(), sampler: inRounds(samplers.random(), 8) })
      const free = await race({ ...common, pruner: pruners.none() })
      const pruned = await race({ ...common, pruner: pruners.median() })
      alone.push(1 - free.seconds / rounds.seconds)
      stopping.push(1 - pruned.seconds / rounds.seconds)
      worse.push((pruned.best.at(-1)?.loss ?? Number.POSITIVE_INFINITY) - (free.best.at(-1)?.loss ?? 0))
    }
    found.push({ family, alone: median(alone), stopping: median(stopping), worse: median(worse) })
  }
  return found
}
