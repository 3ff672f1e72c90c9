import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { define, expectFloat, sizeAt } from '../define.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'
import { type Conv2dOptions, conv2d, convOptions } from './conv2d.ts'

export interface Conv1dOptions extends Omit<Conv2dOptions, 'kernel' | 'stride' | 'padding' | 'dilation'> {
  readonly kernel: number
  readonly stride?: number
  readonly padding?: 'same' | 'valid' | number
  readonly dilation?: number
}

/**
 * Slides small kernels along sequences: [batch, channels, length] to [batch, filters, places]. The same as conv2d over
 * images of height 1, and its weight is stored so: [filters, channels / groups, 1, kernel].
 */
export function conv1d(options: Conv1dOptions): Layer {
  checkOptions('conv1d', options, convOptions)
  const kernel = whole('conv1d', 'kernel', options.kernel)
  const stride = whole('conv1d', 'stride', options.stride ?? 1)
  const dilation = whole('conv1d', 'dilation', options.dilation ?? 1)
  const { padding = 'valid', name, ...rest } = options
  const zeros = padding === 'same' || padding === 'valid' ? padding : ([0, padding] as const)
  if (typeof padding === 'number') whole('conv1d', 'padding', padding, 0)
  else if (zeros !== padding) throw fail('BAD_OPTION', 'conv1d', 'padding', padding, "'same', 'valid' or a number")
  const plane = conv2d({ ...rest, kernel: [1, kernel], stride: [1, stride], dilation: [1, dilation], padding: zeros })
  return define('conv1d', name, (x, scope) => {
    expectFloat('conv1d', x, 3, '[batch, channels, length]')
    const channels = sizeAt('conv1d', x, 1, 'channels')
    const y = plane.apply(ops.reshape(x, [x.shape[0]!, channels, 1, x.shape[2]!]), scope)
    return ops.reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[3]!])
  })
}
