import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

/**
 * The numbers of each example in another shape: [batch, ...] to [batch, ...shape]. One size may be -1: what is left.
 *
 * @example `nn.reshape([1, 28, 28])` turns [batch, 28, 28] into images of one channel
 */
export function reshape(shape: readonly number[], options: Named = {}): Layer {
  checkOptions('reshape', options, ['name'])
  const fine = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && (size >= 1 || size === -1))
  if (!fine || shape.filter((size) => size === -1).length > 1) {
    throw fail('BAD_OPTION', 'reshape', 'shape', `[${shape}]`, 'sizes of 1 or more, at most one of them -1')
  }
  return define('reshape', options.name, (x) => ops.reshape(x, [x.shape[0]!, ...shape]))
}
