import { ops, type Value } from '../../graph/index.ts'
import { notNegative, share } from '../checks.ts'
import type { Optimizer } from '../optimizer.ts'
import { type CommonOptions, common } from '../options.ts'

export interface LionOptions extends CommonOptions {
  /** Weight of the mean gradient in the step; default 0.9. */
  readonly beta1?: number
  /** How slowly the mean gradient changes; default 0.99. */
  readonly beta2?: number
  /** Apart from the gradient, as in AdamW; default 0. */
  readonly weightDecay?: number
}

/**
 * The sign of a mean gradient: every number moves by the rate, and one buffer is kept where Adam keeps two.
 *
 *     p <- p - learningRate * (sign(beta1 * m + (1 - beta1) * g) + weightDecay * p);    m <- beta2 * m + (1 - beta2) * g
 *
 * The buffer holds m / (1 - beta2), which saves a pass over memory. Default rate 1e-4, a tenth of Adam's.
 * X. Chen et al.: Symbolic discovery of optimization algorithms (2023).
 */
export function lion(options: LionOptions = {}): Optimizer {
  const shared = common('lion', options, 1e-4, ['beta1', 'beta2', 'weightDecay'])
  const beta1 = share('lion', 'beta1', options.beta1 ?? 0.9)
  const beta2 = share('lion', 'beta2', options.beta2 ?? 0.99)
  const decay = notNegative('lion', 'weightDecay', options.weightDecay ?? 0)
  return {
    kind: 'lion',
    ...shared,
    init: () => ({ mean: 0 }),
    update: ({ param, grad, state, learningRate }) => {
      const mean = state.mean as Value
      // The sign does not change when its argument is divided by 1 - beta1.
      const direction = ops.sign(ops.add(ops.mul(mean, (beta1 * (1 - beta2)) / (1 - beta1)), grad))
      const kept = decay === 0 ? param : ops.mul(param, ops.sub(1, ops.mul(learningRate, decay)))
      return {
        param: ops.sub(kept, ops.mul(direction, learningRate)),
        state: { mean: ops.add(ops.mul(mean, beta2), grad) },
      }
    },
  }
}
