import type { Optimizer } from '../optimizer.ts'
import { type SgdOptions, sgd } from './sgd.ts'

/** `sgd` with a momentum of 0.9 unless another is given: a heavy ball that rolls on. B. Polyak (1964). */
export function momentum(options: Omit<SgdOptions, 'nesterov'> = {}): Optimizer {
  return { ...sgd({ momentum: 0.9, ...options }), kind: 'momentum' }
}
