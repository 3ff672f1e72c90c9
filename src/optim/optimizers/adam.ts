import { ops, type Value } from '../../graph/index.ts'
import { notNegative, share } from '../checks.ts'
import { biasCorrection, penalized } from '../formulas.ts'
import type { Optimizer, Update } from '../optimizer.ts'
import { type CommonOptions, common } from '../options.ts'

export interface AdamOptions extends CommonOptions {
  /** How slowly the means of gradients and of their squares change; default 0.9 and 0.999. */
  readonly beta1?: number
  readonly beta2?: number
  /** Added to the root of the mean square; default 1e-8. */
  readonly epsilon?: number
  /** L2 penalty, added to the gradient; default 0. For one apart from the gradient see adamW. */
  readonly weightDecay?: number
}

/**
 * Each parameter's step is its mean gradient over the root of its mean square, as `torch.optim.Adam`:
 *
 *     m <- beta1 * m + (1 - beta1) * g;    v <- beta2 * v + (1 - beta2) * g^2
 *     p <- p - learningRate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)
 *
 * The buffers hold m / (1 - beta1) and v / (1 - beta2), which saves two passes over memory.
 * Default rate 0.001. D. Kingma, J. Ba: Adam: a method for stochastic optimization (2015).
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const shared = common('adam', options, 0.001, adamOptions)
  const decay = notNegative('adam', 'weightDecay', options.weightDecay ?? 0)
  const step = adamStep('adam', options)
  return {
    kind: 'adam',
    ...shared,
    init: () => ({ mean: 0, square: 0 }),
    update: (input) => {
      const { move, state } = step({ ...input, grad: penalized(input.grad, input.param, decay) })
      return { param: ops.sub(input.param, move), state }
    },
  }
}

export const adamOptions = ['beta1', 'beta2', 'epsilon', 'weightDecay'] as const

/** The step itself, shared with adamW. */
export function adamStep(kind: string, options: AdamOptions): (input: Update) => { move: Value; state: { mean: Value; square: Value } } {
  const beta1 = share(kind, 'beta1', options.beta1 ?? 0.9)
  const beta2 = share(kind, 'beta2', options.beta2 ?? 0.999)
  const epsilon = notNegative(kind, 'epsilon', options.epsilon ?? 1e-8)
  return ({ grad, state, learningRate, step }) => {
    const mean = ops.add(ops.mul(state.mean as Value, beta1), grad)
    const square = ops.add(ops.mul(state.square as Value, beta2), ops.mul(grad, grad))
    // Scalars carry all factors, so that each parameter's numbers are passed over as seldom as can be:
    // sqrt((1 - beta2) square / c2) = k sqrt(square), and dividing numerator and denominator by k leaves k to scalars.
    const k = ops.sqrt(ops.div(1 - beta2, biasCorrection(beta2, step)))
    const rate = ops.div(ops.mul(learningRate, 1 - beta1), ops.mul(biasCorrection(beta1, step), k))
    const root = ops.add(ops.sqrt(square), ops.div(epsilon, k))
    return { move: ops.mul(ops.div(mean, root), rate), state: { mean, square } }
  }
}
