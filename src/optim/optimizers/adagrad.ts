import { ops, type Value } from '../../graph/index.ts'
import { notNegative } from '../checks.ts'
import { penalized } from '../formulas.ts'
import type { Optimizer } from '../optimizer.ts'
import { type CommonOptions, common } from '../options.ts'

export interface AdagradOptions extends CommonOptions {
  /** The rate of step t is learningRate / (1 + (t - 1) * rateDecay); default 0. */
  readonly rateDecay?: number
  /** What the sums of squares begin with; default 0. */
  readonly initialSum?: number
  /** Default 1e-10. */
  readonly epsilon?: number
  /** L2 penalty; default 0. */
  readonly weightDecay?: number
}

/**
 * Each gradient over the root of the sum of all its squares so far, as `torch.optim.Adagrad`:
 *
 *     s <- s + g^2;    p <- p - learningRate * g / (sqrt(s) + epsilon)
 *
 * Default rate 0.01. J. Duchi, E. Hazan, Y. Singer: Adaptive subgradient methods (2011).
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const shared = common('adagrad', options, 0.01, ['rateDecay', 'initialSum', 'epsilon', 'weightDecay'])
  const rateDecay = notNegative('adagrad', 'rateDecay', options.rateDecay ?? 0)
  const initialSum = notNegative('adagrad', 'initialSum', options.initialSum ?? 0)
  const epsilon = notNegative('adagrad', 'epsilon', options.epsilon ?? 1e-10)
  const decay = notNegative('adagrad', 'weightDecay', options.weightDecay ?? 0)
  return {
    kind: 'adagrad',
    ...shared,
    init: () => ({ sum: initialSum }),
    update: ({ param, grad, state, learningRate, step }) => {
      const g = penalized(grad, param, decay)
      const sum = ops.add(state.sum as Value, ops.mul(g, g))
      const slower = ops.add(ops.mul(ops.sub(step, 1), rateDecay), 1)
      const rate = rateDecay === 0 ? learningRate : ops.div(learningRate, slower)
      return { param: ops.sub(param, ops.mul(ops.div(g, ops.add(ops.sqrt(sum), epsilon)), rate)), state: { sum } }
    },
  }
}
