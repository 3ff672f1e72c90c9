import type { Initializer } from '../layer.ts'
import { scaledUniform } from './scaling.ts'

/**
 * Uniform with variance 1 / fanIn.
 *
 * Y. LeCun, L. Bottou, G. Orr, K.-R. Müller: Efficient BackProp (1998).
 */
export function lecunUniform(): Initializer {
  return scaledUniform('lecunUniform', 1, 'in')
}
