import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { between, whole } from './checks.ts'
import { type DueOptions, due, dueOptions } from './due.ts'
import { type Sorted, sorted } from './sorted.ts'

export interface ComparingOptions extends DueOptions {
  /** Nothing is stopped before so many trials have finished; default 5. */
  readonly startupTrials?: number
  /** Nothing is stopped at a step that fewer finished trials reported; default 1. */
  readonly minTrials?: number
}

export interface PercentileOptions extends ComparingOptions {
  /** How many of a hundred trials go on, the best ones; default 25. */
  readonly percentile?: number
}

/**
 * Stops a trial whose best report so far is worse than what the given share of the finished trials reported at the same step.
 *
 * As Optuna's PercentilePruner: the trial's side is its best up to this step, the others' side their reports of exactly this
 * step (between two of them on a straight line), and only finished trials count. A trial without one finite report is stopped;
 * Infinity counts as worst. Looking costs about the logarithm of the number of trials.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.percentile({ percentile: 25, warmupSteps: 3 })`
 */
export function percentile(options: PercentileOptions = {}): Pruner {
  checkOptions('percentile', options, ['percentile', ...comparingOptions])
  return comparing('percentile', between('percentile', 'percentile', options.percentile ?? 25, 0, 100), options)
}

export const comparingOptions: readonly string[] = [...dueOptions, 'startupTrials', 'minTrials']

/** A pruner that compares with the finished trials. */
export function comparing(name: string, share: number, options: ComparingOptions): Pruner {
  const startup = whole(name, 'startupTrials', options.startupTrials ?? 5, 0)
  const least = whole(name, 'minTrials', options.minTrials ?? 1, 1)
  const isDue = due(name, options)
  return {
    name,
    begin() {
      /** What finished trials reported, by step. */
      const losses = new Map<number, Sorted<number>>()
      /** Of the trials that run. */
      const bests = new Map<number, number>()
      let finished = 0
      return {
        judge(trial) {
          const { step, loss } = trial.reports.at(-1)!
          const best = Math.min(loss, bests.get(trial.number) ?? Number.POSITIVE_INFINITY)
          bests.set(trial.number, best)
          if (finished === 0 || finished < startup || !isDue(trial)) return 'go'
          if (best === Number.POSITIVE_INFINITY) return 'stop'
          const others = losses.get(step)
          if (!others || others.size < least) return 'go'
          return best > quantile(others, share / 100) ? 'stop' : 'go'
        },
        ended(trial) {
          bests.delete(trial.number)
          if (trial.state !== 'finished') return
          finished++
          for (const { step, loss } of trial.reports) {
            const others = losses.get(step)
            if (others) others.add(loss)
            else {
              const first = sorted<number>(byNumber)
              first.add(loss)
              losses.set(step, first)
            }
          }
        },
      }
    },
  }
}

/** Infinity is not subtracted from itself. */
function byNumber(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Linear between the two nearest ranks, as NumPy's default; weighed apart, so that an infinite one wins. */
function quantile(values: Sorted<number>, share: number): number {
  const place = share * (values.size - 1)
  const below = Math.floor(place)
  const low = values.at(below)!
  if (place === below) return low
  const high = values.at(below + 1)!
  return low * (below + 1 - place) + high * (place - below)
}
