import { fail } from '../../core/errors.ts'
import { ops, type Value } from '../../graph/index.ts'
import { notNegative, share } from '../checks.ts'
import { penalized } from '../formulas.ts'
import type { Optimizer } from '../optimizer.ts'
import { type CommonOptions, common } from '../options.ts'

export interface SgdOptions extends CommonOptions {
  /** Default 0: no memory of earlier steps. */
  readonly momentum?: number
  /** Looks ahead along the momentum. */
  readonly nesterov?: boolean
  /** How much less of a gradient enters the momentum; default 0. */
  readonly dampening?: number
  /** L2 penalty; default 0. */
  readonly weightDecay?: number
}

/**
 * Stochastic gradient descent, as `torch.optim.SGD`. With g the gradient plus `weightDecay * p`:
 *
 *     b <- momentum * b + (1 - dampening) * g      (b <- g in the first step)
 *     p <- p - learningRate * b                    (nesterov: g + momentum * b in place of b)
 *
 * Default rate 0.01, as in Keras. I. Sutskever et al.: On the importance of initialization and momentum in deep learning (2013).
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const shared = common('sgd', options, 0.01, ['momentum', 'nesterov', 'dampening', 'weightDecay'])
  const momentum = share('sgd', 'momentum', options.momentum ?? 0)
  const dampening = share('sgd', 'dampening', options.dampening ?? 0)
  const decay = notNegative('sgd', 'weightDecay', options.weightDecay ?? 0)
  const { nesterov = false } = options
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw fail('BAD_OPTION', 'sgd', 'nesterov', nesterov, 'false without a momentum, or with dampening')
  }
  if (momentum === 0) {
    const seeded = ({ param, delta, learningRate }: { param: Value; delta: Value; learningRate: Value }) =>
      ops.add(decay === 0 ? param : ops.mul(param, ops.sub(1, ops.mul(learningRate, decay))), delta)
    return {
      kind: 'sgd',
      ...shared,
      init: () => ({}),
      update: ({ param, grad, learningRate }) => ({
        param: seeded({ param, delta: ops.mul(grad, ops.neg(learningRate)), learningRate }),
        state: {},
      }),
      seeded,
    }
  }
  return {
    kind: 'sgd',
    ...shared,
    init: () => ({ momentum: 0 }),
    update: ({ param, grad, state, learningRate, step }) => {
      const g = penalized(grad, param, decay)
      // The first gradient enters undampened.
      const first = ops.cast(ops.equal(step, 1), step.dtype)
      const part = dampening === 0 ? g : ops.mul(g, ops.add(ops.mul(first, dampening), 1 - dampening))
      const next = ops.add(ops.mul(state.momentum as Value, momentum), part)
      const direction = nesterov ? ops.add(g, ops.mul(next, momentum)) : next
      return { param: ops.sub(param, ops.mul(direction, learningRate)), state: { momentum: next } }
    },
  }
}
