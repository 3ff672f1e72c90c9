import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import type { Loss } from '../loss.ts'
import { alike } from './shared.ts'

/**
 * Mean of max(0, 1 - y * output) for y = 1 where the target is above 0, else -1: the loss of a support vector machine.
 * Targets may be 0 and 1, or -1 and 1, as in Keras. C. Cortes, V. Vapnik: Support-vector networks (1995).
 */
export function hinge(options: Record<string, never> = {}): Loss {
  checkOptions('hinge', options, [])
  return {
    kind: 'hinge',
    apply: (output, target) => {
      const above = ops.cast(ops.greater(alike('hinge', output, target), 0), output.dtype)
      const y = ops.sub(ops.mul(above, 2), 1)
      return ops.mean(ops.relu(ops.sub(1, ops.mul(y, output))))
    },
  }
}
