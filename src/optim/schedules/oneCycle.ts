import { checkOptions } from '../../core/registry.ts'
import { lengthOf, positive, share, steps } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

export interface OneCycleOptions {
  /** The highest rate. */
  readonly learningRate: number
  /** Default: the whole run. */
  readonly steps?: number
  /** Share of the steps in which the rate rises; default 0.3. */
  readonly rise?: number
  /** The first rate is the highest divided by this; default 25. */
  readonly startDivisor?: number
  /** The last rate is the first divided by this; default 10,000. */
  readonly endDivisor?: number
}

/**
 * Up by half a cosine, then down by another, far below where it began, as `torch.optim.lr_scheduler.OneCycleLR`.
 *
 * L. Smith, N. Topin: Super-convergence: very fast training of neural networks using large learning rates (2018).
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const what = "schedule 'oneCycle'"
  checkOptions(what, options, ['learningRate', 'steps', 'rise', 'startDivisor', 'endDivisor'])
  const top = positive(what, 'learningRate', options.learningRate)
  const rise = share(what, 'rise', options.rise ?? 0.3)
  const first = top / positive(what, 'startDivisor', options.startDivisor ?? 25)
  const last = first / positive(what, 'endDivisor', options.endDivisor ?? 10_000)
  if (options.steps !== undefined) steps(what, 'steps', options.steps)
  const between = (a: number, b: number, done: number) => b + ((a - b) * (1 + Math.cos(Math.PI * done))) / 2
  return {
    kind: 'oneCycle',
    at: (now, total) => {
      const length = lengthOf(what, options.steps, total)
      // The summit is a step, so that the rise takes one less than its share.
      const summit = rise * length - 1
      const end = length - 1
      if (now <= summit) return between(first, top, summit > 0 ? now / summit : 1)
      return between(top, last, end > summit ? Math.min(1, (now - summit) / (end - summit)) : 1)
    },
  }
}
