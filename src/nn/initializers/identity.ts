import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'

/** `gain` (1) on the diagonal of a matrix, 0 elsewhere. */
export function identity(options: { readonly gain?: number } = {}): Initializer {
  checkOptions("initializer 'identity'", options, ['gain'])
  const { gain = 1 } = options
  return {
    kind: 'identity',
    fill: (values, shape) => {
      if (shape.length !== 2) throw fail('SHAPE_MISMATCH', "initializer 'identity'", `[${shape.join(', ')}]`, 'a matrix')
      values.fill(0)
      for (let i = 0; i < Math.min(...shape); i++) values[i * shape[1]! + i] = gain
    },
  }
}
