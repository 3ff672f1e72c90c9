import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

/**
 * The axes of each example in another order; the batch is axis 0 and stays, as in Keras.
 *
 * @example `nn.permute([3, 1, 2])` turns [batch, height, width, channels] into [batch, channels, height, width]
 */
export function permute(axes: readonly number[], options: Named = {}): Layer {
  checkOptions('permute', options, ['name'])
  const sorted = [...axes].sort((a, b) => a - b)
  if (!sorted.every((axis, i) => axis === i + 1)) {
    throw fail('BAD_OPTION', 'permute', 'axes', `[${axes}]`, `each of 1 to ${axes.length} once, such as [2, 1]`)
  }
  return define('permute', options.name, (x) => {
    expect(x.shape.length === axes.length + 1, 'permute', [x], `${axes.length + 1} dimensions, the batch and those of [${axes}]`)
    return ops.transpose(x, [0, ...axes])
  })
}
