import { checkOptions } from '../../core/registry.ts'
import { lengthOf, notNegative, positive, steps } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/**
 * Half a cosine from `learningRate` down to `minimum` (0) over `steps` (default: the whole run), then the minimum. Formula of
 * `torch.optim.lr_scheduler.CosineAnnealingLR`, which however rises again after its end.
 *
 * I. Loshchilov, F. Hutter: SGDR: stochastic gradient descent with warm restarts (2017).
 */
export function cosine(options: { readonly learningRate: number; readonly minimum?: number; readonly steps?: number }): Schedule {
  const what = "schedule 'cosine'"
  checkOptions(what, options, ['learningRate', 'minimum', 'steps'])
  const learningRate = positive(what, 'learningRate', options.learningRate)
  const minimum = notNegative(what, 'minimum', options.minimum ?? 0)
  if (options.steps !== undefined) steps(what, 'steps', options.steps)
  return {
    kind: 'cosine',
    at: (now, total) => {
      const done = Math.min(1, now / lengthOf(what, options.steps, total))
      return minimum + ((learningRate - minimum) * (1 + Math.cos(Math.PI * done))) / 2
    },
  }
}
