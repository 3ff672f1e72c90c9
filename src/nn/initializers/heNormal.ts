import type { Initializer } from '../layer.ts'
import { scaledNormal } from './scaling.ts'

/**
 * Normal with variance 2 / fanIn: keeps the size of signals through relu layers.
 *
 * K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers (2015), with the gain of relu.
 */
export function heNormal(): Initializer {
  return scaledNormal('heNormal', 2, 'in')
}
