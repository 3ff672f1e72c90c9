import { checkOptions } from '../../core/registry.ts'
import { positive, share, steps } from '../checks.ts'
import type { Schedule } from '../schedule.ts'
import { constant } from './constant.ts'

export interface WarmUpOptions {
  /** Length of the warm-up. */
  readonly steps: number
  /** What follows; it begins with its own first step. A number is a constant rate. */
  readonly next: Schedule | number
  /** Share of the first rate to begin with; default 0.01. */
  readonly from?: number
}

/**
 * Rises in a straight line to the first rate of the schedule that follows: PyTorch's LinearLR, then the other by SequentialLR.
 *
 * @example `optim.schedules.warmUp({ steps: 100, next: optim.schedules.cosine({ learningRate: 1e-3 }) })`
 */
export function warmUp(options: WarmUpOptions): Schedule {
  const what = "schedule 'warmUp'"
  checkOptions(what, options, ['steps', 'next', 'from'])
  const length = steps(what, 'steps', options.steps)
  const from = share(what, 'from', options.from ?? 0.01)
  const { next: given } = options
  const next = typeof given === 'object' ? given : constant({ learningRate: positive(what, 'next', given) })
  return {
    kind: 'warmUp',
    at: (now, total) => {
      const rest = total === undefined ? undefined : Math.max(1, total - length)
      if (now >= length) return next.at(now - length, rest)
      return next.at(0, rest) * (from + ((1 - from) * now) / length)
    },
  }
}
