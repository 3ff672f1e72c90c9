import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { whole } from './checks.ts'
import { type Sorted, sorted } from './sorted.ts'

export interface SuccessiveHalvingOptions {
  /** How many reports a trial makes before it is judged first; default 1. */
  readonly minResource?: number
  /** One in so many goes on from each rung; default 4. */
  readonly eta?: number
  /** Nothing passes a rung that not more than so many trials have reached; default 0. */
  readonly bootstrap?: number
}

/**
 * Asynchronous successive halving that only stops: after `minResource * eta^k` reports a trial goes on if it is among the best
 * 1/eta of those that have come so far, and is stopped otherwise. Of the first eta - 1 that come to a rung, the best so far goes on.
 *
 * As Optuna's SuccessiveHalvingPruner, but resource is the number of reports rather than the step, so that it does not matter
 * whether steps are counted from 0 or by the hundred. Trials need no checkpoints; where they have them, `asha` wastes less.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.successiveHalving({ minResource: 1, eta: 3 })`
 */
export function successiveHalving(options: SuccessiveHalvingOptions = {}): Pruner {
  const name = 'successiveHalving'
  checkOptions(name, options, ['minResource', 'eta', 'bootstrap'])
  const first = whole(name, 'minResource', options.minResource ?? 1, 1)
  const eta = whole(name, 'eta', options.eta ?? 4, 2)
  const bootstrap = whole(name, 'bootstrap', options.bootstrap ?? 0, 0)
  return {
    name,
    begin() {
      /** What trials reported at each rung. */
      const rungs: Sorted<number>[] = []
      /** The next rung of each open trial; undefined of one that was told to stop. */
      const nexts = new Map<number, number | undefined>()

      /** Whether a trial that comes to a rung may pass it. */
      const passes = (rung: Sorted<number>, loss: number) => {
        rung.add(loss)
        if (rung.size <= bootstrap || loss === Number.POSITIVE_INFINITY) return false
        return loss <= rung.at(Math.max(1, Math.floor(rung.size / eta)) - 1)!
      }

      return {
        judge({ number, reports }) {
          if (!nexts.has(number)) nexts.set(number, 0)
          for (;;) {
            const next = nexts.get(number)
            if (next === undefined) return 'stop'
            const resource = first * eta ** next
            if (reports.length < resource) return 'go'
            const rung = (rungs[next] ??= sorted<number>((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
            nexts.set(number, passes(rung, reports[resource - 1]!.loss) ? next + 1 : undefined)
          }
        },
        ended: ({ number }) => void nexts.delete(number),
      }
    },
  }
}
