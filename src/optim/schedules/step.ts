import { checkOptions } from '../../core/registry.ts'
import { notNegative, positive, steps } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/** Multiplied by `factor` (0.1) after `every` so many steps, as `torch.optim.lr_scheduler.StepLR`. */
export function step(options: { readonly learningRate: number; readonly every: number; readonly factor?: number }): Schedule {
  const what = "schedule 'step'"
  checkOptions(what, options, ['learningRate', 'every', 'factor'])
  const learningRate = positive(what, 'learningRate', options.learningRate)
  const every = steps(what, 'every', options.every)
  const factor = notNegative(what, 'factor', options.factor ?? 0.1)
  return { kind: 'step', at: (now) => learningRate * factor ** Math.floor(now / every) }
}
