import type { Initializer } from '../layer.ts'
import { scaledUniform } from './scaling.ts'

/**
 * Uniform with variance 2 / (fanIn + fanOut): keeps the size of signals both ways through tanh-like layers.
 *
 * X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks (2010).
 */
export function glorotUniform(): Initializer {
  return scaledUniform('glorotUniform', 1, 'average')
}
