import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import type { Loss } from '../loss.ts'
import { positive } from '../options.ts'
import { alike } from './shared.ts'

/**
 * Squared near 0 and straight further out: the mean of `d^2 / 2` where the distance d is below delta (1), else of
 * `delta (d - delta / 2)`, as `torch.nn.HuberLoss`. P. Huber: Robust estimation of a location parameter (1964).
 */
export function huber(options: { readonly delta?: number } = {}): Loss {
  checkOptions('huber', options, ['delta'])
  const delta = positive('huber', 'delta', options.delta ?? 1)
  return {
    kind: 'huber',
    apply: (output, target) => {
      // With n = min(d, delta) both pieces are n (d - n / 2): no condition, and no branch whose gradient is lost.
      const distance = ops.abs(ops.sub(output, alike('huber', output, target)))
      const near = ops.minimum(distance, delta)
      return ops.mean(ops.mul(near, ops.sub(distance, ops.mul(near, 0.5))))
    },
  }
}
