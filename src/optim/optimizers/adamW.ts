import { ops } from '../../graph/index.ts'
import { notNegative } from '../checks.ts'
import type { Optimizer } from '../optimizer.ts'
import { common } from '../options.ts'
import { type AdamOptions, adamOptions, adamStep } from './adam.ts'

/**
 * Adam with weight decay apart from the gradient, as `torch.optim.AdamW`: first p <- p - learningRate * weightDecay * p
 * (weightDecay 0.01 by default), then Adam's step. I. Loshchilov, F. Hutter: Decoupled weight decay regularization (2019).
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  const shared = common('adamW', options, 0.001, adamOptions)
  const decay = notNegative('adamW', 'weightDecay', options.weightDecay ?? 0.01)
  const step = adamStep('adamW', options)
  return {
    kind: 'adamW',
    ...shared,
    init: () => ({ mean: 0, square: 0 }),
    update: (input) => {
      const { move, state } = step(input)
      const kept = decay === 0 ? input.param : ops.mul(input.param, ops.sub(1, ops.mul(input.learningRate, decay)))
      return { param: ops.sub(kept, move), state }
    },
  }
}
