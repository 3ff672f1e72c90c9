import type { Optimizer } from '../optimizer.ts'
import { type SgdOptions, sgd } from './sgd.ts'

export interface NesterovOptions extends Omit<SgdOptions, 'momentum' | 'nesterov' | 'dampening'> {
  /** Default 0.9. */
  readonly momentum?: number
}

/**
 * `sgd` with Nesterov's momentum, 0.9 unless another is given: the gradient as if the momentum had been followed already.
 * Y. Nesterov (1983).
 */
export function nesterov(options: NesterovOptions = {}): Optimizer {
  return { ...sgd({ momentum: 0.9, ...options, nesterov: true }), kind: 'nesterov' }
}
