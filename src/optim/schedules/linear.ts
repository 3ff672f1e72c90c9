import { checkOptions } from '../../core/registry.ts'
import { lengthOf, notNegative, steps } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/** In a straight line `from` one rate `to` another over `steps` (default: the whole run), then constant; PyTorch's LinearLR. */
export function linear(options: { readonly from: number; readonly to: number; readonly steps?: number }): Schedule {
  const what = "schedule 'linear'"
  checkOptions(what, options, ['from', 'to', 'steps'])
  const from = notNegative(what, 'from', options.from)
  const to = notNegative(what, 'to', options.to)
  if (options.steps !== undefined) steps(what, 'steps', options.steps)
  return {
    kind: 'linear',
    at: (now, total) => from + (to - from) * Math.min(1, now / lengthOf(what, options.steps, total)),
  }
}
