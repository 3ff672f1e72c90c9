import { ops, type Value } from '../../graph/index.ts'
import { notNegative, share } from '../checks.ts'
import { penalized } from '../formulas.ts'
import type { Optimizer } from '../optimizer.ts'
import { type CommonOptions, common } from '../options.ts'

export interface RmspropOptions extends CommonOptions {
  /** How slowly the mean square changes; default 0.99. */
  readonly alpha?: number
  /** Added to the root of the mean square; default 1e-8. */
  readonly epsilon?: number
  readonly momentum?: number
  /** Divides by the deviation from the mean gradient in place of the root mean square. */
  readonly centered?: boolean
  /** L2 penalty; default 0. */
  readonly weightDecay?: number
}

/**
 * Each gradient over the root of its mean square, as `torch.optim.RMSprop`:
 *
 *     v <- alpha * v + (1 - alpha) * g^2;    a <- alpha * a + (1 - alpha) * g   (centered: v - a^2 in place of v below)
 *     b <- momentum * b + g / (sqrt(v) + epsilon);    p <- p - learningRate * b
 *
 * The buffers hold v / (1 - alpha) and a / (1 - alpha), which saves passes over memory.
 * Default rate 0.01. T. Tieleman, G. Hinton: Lecture 6.5 of Neural networks for machine learning (2012).
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const shared = common('rmsprop', options, 0.01, ['alpha', 'epsilon', 'momentum', 'centered', 'weightDecay'])
  const alpha = share('rmsprop', 'alpha', options.alpha ?? 0.99)
  const epsilon = notNegative('rmsprop', 'epsilon', options.epsilon ?? 1e-8)
  const momentum = share('rmsprop', 'momentum', options.momentum ?? 0)
  const decay = notNegative('rmsprop', 'weightDecay', options.weightDecay ?? 0)
  const { centered = false } = options
  const k = Math.sqrt(1 - alpha)
  return {
    kind: 'rmsprop',
    ...shared,
    init: () => ({ square: 0, ...(centered && { mean: 0 }), ...(momentum > 0 && { momentum: 0 }) }),
    update: ({ param, grad, state, learningRate }) => {
      const g = penalized(grad, param, decay)
      const square = ops.add(ops.mul(state.square as Value, alpha), ops.mul(g, g))
      const next: Record<string, Value> = { square }
      let spread = square
      if (centered) {
        next.mean = ops.add(ops.mul(state.mean as Value, alpha), g)
        spread = ops.sub(square, ops.mul(ops.square(next.mean), 1 - alpha))
      }
      // sqrt(v) + epsilon = k (sqrt(buffer) + epsilon / k); k goes to the rate.
      let direction = ops.div(g, ops.add(ops.sqrt(spread), epsilon / k))
      if (momentum > 0) direction = next.momentum = ops.add(ops.mul(state.momentum as Value, momentum), direction)
      return { param: ops.sub(param, ops.mul(direction, ops.mul(learningRate, 1 / k))), state: next }
    },
  }
}
