import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { whole } from './checks.ts'
import { climbing, ladder } from './ladder.ts'

export interface AshaOptions {
  /** Reports up to the first rung; default 1. */
  readonly minResource?: number
  /** One in so many goes on from each rung; default 4. */
  readonly eta?: number
  /** How many reports a whole training makes. Without it, the longest that a finished trial made. */
  readonly maxResource?: number
}

/**
 * ASHA: a trial pauses after `minResource * eta^k` reports, its checkpoint kept, until it is among the best 1/eta of those that
 * came to this rung. A free worker goes on with the best such trial of the highest rung, and samples a new one where there is
 * none: nobody ever waits for a rung to fill. L. Li et al., A System for Massively Parallel Hyperparameter Tuning (MLSys 2020).
 *
 * - Resource is the number of reports. Losses are those reported at the rung.
 * - A trial that has earned to go on at once is not paused. One that diverged (not a finite number) is stopped.
 * - Trials end by themselves and are never cut short: from `maxResource` on, and from the length of the longest finished trial
 *   on, rungs stop nobody.
 * - When no new trials are wanted, promotions go on while any is earned; if no trial has finished by then, the best of the
 *   highest rung goes on to its end. What still rests then is pruned. So a trial that is the best at each rung always finishes.
 *
 * Looking costs about the logarithm of the number of trials.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.asha({ minResource: 1, eta: 3 })`
 */
export function asha(options: AshaOptions = {}): Pruner {
  checkOptions('asha', options, ['minResource', 'eta', 'maxResource'])
  const { maxResource, ...rungs } = resourcesOf('asha', options, 4)
  return {
    name: 'asha',
    checkpoints: true,
    begin() {
      /** Of the finished trials. */
      let longest = 0
      const one = ladder({ ...rungs, end: () => maxResource ?? (longest || Number.POSITIVE_INFINITY) })
      const all = [one]
      return climbing({
        ladders: () => all,
        choose: () => one,
        ended({ state, reports }) {
          if (state === 'finished') longest = Math.max(longest, reports.length)
        },
      })
    },
  }
}

export function resourcesOf(name: string, options: AshaOptions, eta: number) {
  const minResource = whole(name, 'minResource', options.minResource ?? 1, 1)
  const maxResource = options.maxResource === undefined ? undefined : whole(name, 'maxResource', options.maxResource, 1)
  if (maxResource !== undefined && maxResource < minResource) {
    throw fail('BAD_OPTION', name, 'maxResource', maxResource, `minResource or more, which is ${minResource}`)
  }
  return { minResource, maxResource, eta: whole(name, 'eta', options.eta ?? eta, 2) }
}
