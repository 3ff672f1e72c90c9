import type { Optimizer } from '../optimizer.ts'
import { type SgdOptions, sgd } from './sgd.ts'

export interface MomentumOptions extends Omit<SgdOptions, 'momentum' | 'nesterov'> {
  /** Default 0.9. */
  readonly momentum?: number
}

/** `sgd` with a momentum of 0.9 unless another is given: a heavy ball that rolls on. B. Polyak (1964). */
export function momentum(options: MomentumOptions = {}): Optimizer {
  return { ...sgd({ momentum: 0.9, ...options }), kind: 'momentum' }
}
