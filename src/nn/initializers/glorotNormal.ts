import type { Initializer } from '../layer.ts'
import { scaledNormal } from './scaling.ts'

/**
 * Normal with variance 2 / (fanIn + fanOut).
 *
 * X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks (2010).
 */
export function glorotNormal(): Initializer {
  return scaledNormal('glorotNormal', 1, 'average')
}
