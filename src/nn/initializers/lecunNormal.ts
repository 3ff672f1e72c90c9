import type { Initializer } from '../layer.ts'
import { scaledNormal } from './scaling.ts'

/**
 * Normal with variance 1 / fanIn: for selu, and wherever inputs have variance 1.
 *
 * Y. LeCun, L. Bottou, G. Orr, K.-R. Müller: Efficient BackProp (1998).
 */
export function lecunNormal(): Initializer {
  return scaledNormal('lecunNormal', 1, 'in')
}
