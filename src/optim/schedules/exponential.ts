import { checkOptions } from '../../core/registry.ts'
import { notNegative, positive } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/** Multiplied by `factor` after each step, as `torch.optim.lr_scheduler.ExponentialLR`. */
export function exponential(options: { readonly learningRate: number; readonly factor: number }): Schedule {
  const what = "schedule 'exponential'"
  checkOptions(what, options, ['learningRate', 'factor'])
  const learningRate = positive(what, 'learningRate', options.learningRate)
  const factor = notNegative(what, 'factor', options.factor)
  return { kind: 'exponential', at: (now) => learningRate * factor ** now }
}
