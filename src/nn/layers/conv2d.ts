import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { type Activation, activationOf } from '../activations.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import { type InitializerOption, initializerOf } from '../initializer.ts'
import type { Layer } from '../layer.ts'
import { pair, whole } from '../options.ts'

/** 'valid': none. 'same': so that a stride of 1 keeps the size. Numbers: zeros at both ends, for both axes or [height, width]. */
export type Padding = 'same' | 'valid' | number | readonly [number, number]

export interface Conv2dOptions extends Named {
  /** Channels of the output. */
  readonly filters: number
  /** Size of the kernel: one number, or [height, width]. */
  readonly kernel: number | readonly [number, number]
  /** Default 1. */
  readonly stride?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding
  /** Distance between the kernel's places; default 1. */
  readonly dilation?: number | readonly [number, number]
  /** Channels fall into this many groups that do not see each other; default 1. */
  readonly groups?: number
  readonly activation?: Activation
  /** Default true. */
  readonly bias?: boolean
  /** Default 'glorotUniform'. */
  readonly kernelInitializer?: InitializerOption
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerOption
  /** Default true. */
  readonly trainable?: boolean
}

const known = ['filters', 'kernel', 'stride', 'padding', 'dilation', 'groups', 'activation', 'bias']
export const convOptions = [...known, 'kernelInitializer', 'biasInitializer', 'trainable', 'name']

/**
 * Slides small kernels over images: [batch, channels, height, width] to [batch, filters, rows, columns], with weight
 * [filters, channels / groups, ...kernel] and bias [filters]. Channels come first. Defaults as in Keras.
 *
 * Grey images [batch, height, width] have no channel yet: put `nn.reshape([1, height, width])` before.
 *
 * @throws SHAPE_MISMATCH, BAD_OPTION, UNKNOWN_OPTION
 * @example `nn.conv2d({ filters: 32, kernel: 5, padding: 'same', activation: 'relu' })`
 */
export function conv2d(options: Conv2dOptions): Layer {
  checkOptions('conv2d', options, convOptions)
  const { bias = true, kernelInitializer = 'glorotUniform', biasInitializer = 'zeros', trainable = true, name } = options
  const filters = whole('conv2d', 'filters', options.filters)
  const kernel = pair('conv2d', 'kernel', options.kernel)
  const stride = pair('conv2d', 'stride', options.stride ?? 1)
  const dilation = pair('conv2d', 'dilation', options.dilation ?? 1)
  const groups = whole('conv2d', 'groups', options.groups ?? 1)
  const padding = paddingOf('conv2d', options.padding ?? 'valid')
  if (filters % groups !== 0) throw fail('BAD_OPTION', 'conv2d', 'filters', filters, `a multiple of groups (${groups})`)
  const activate = activationOf(options.activation)
  const weightInit = initializerOf(kernelInitializer)
  const biasInit = initializerOf(biasInitializer)
  return define('conv2d', name, (x, scope) => {
    const hint = x.shape.length === 3 ? `; begin with nn.reshape([1, ${x.shape.slice(1).join(', ')}]) if they are grey` : ''
    expectFloat('conv2d', x, 4, `[batch, channels, height, width]${hint}`)
    const channels = sizeAt('conv2d', x, 1, 'channels')
    expect(channels % groups === 0, 'conv2d', [x], `channels that ${groups} groups divide`)
    const weight = scope.param('weight', [filters, channels / groups, ...kernel], weightInit, { trainable })
    const shift = bias && { bias: scope.param('bias', [filters], biasInit, { trainable }) }
    return activate(ops.conv2d(x, weight, { stride, padding, dilation, groups, ...shift }))
  })
}

export function paddingOf(what: string, padding: Padding): 'same' | 'valid' | readonly [number, number] {
  if (padding === 'same' || padding === 'valid') return padding
  if (typeof padding === 'string') throw fail('BAD_OPTION', what, 'padding', padding, "'same', 'valid', a number or [height, width]")
  return pair(what, 'padding', padding, 0)
}
