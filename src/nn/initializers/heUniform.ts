import type { Initializer } from '../layer.ts'
import { scaledUniform } from './scaling.ts'

/**
 * Uniform with variance 2 / fanIn: keeps the size of signals through relu layers.
 *
 * K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers (2015), with the gain of relu.
 */
export function heUniform(): Initializer {
  return scaledUniform('heUniform', 2, 'in')
}
