/** Pools: the largest or the mean of each window of an image, or of all of it. */
import { checkOptions } from '../../core/registry.ts'
import { ops, type Value } from '../../graph/index.ts'
import { define, expectFloat, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { pair } from '../options.ts'
import { type Padding, paddingOf } from './conv2d.ts'

export interface Pool2dOptions extends Named {
  /** Size of the window: one number, or [height, width]; default 2. */
  readonly size?: number | readonly [number, number]
  /** Default: the size, so that windows do not overlap. */
  readonly stride?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding
}

/** The largest number of each window: [batch, channels, height, width] to [batch, channels, rows, columns]. */
export function maxPool2d(options: Pool2dOptions = {}): Layer {
  return pool('maxPool2d', options, ops.maxPool2d)
}

/** The mean of each window; zeros of the padding do not count, as in Keras. */
export function averagePool2d(options: Pool2dOptions = {}): Layer {
  return pool('averagePool2d', options, (x, size, window) => ops.avgPool2d(x, size, { ...window, countPadding: false }))
}

/** The largest number of each channel: [batch, channels, height, width] to [batch, channels]. */
export function globalMaxPool2d(options: Named = {}): Layer {
  return global('globalMaxPool2d', options, ops.max)
}

/** The mean of each channel: [batch, channels, height, width] to [batch, channels]. */
export function globalAveragePool2d(options: Named = {}): Layer {
  return global('globalAveragePool2d', options, ops.mean)
}

const image = '[batch, channels, height, width]'
type Window = { readonly stride: readonly [number, number]; readonly padding: 'same' | 'valid' | readonly [number, number] }

function pool(kind: string, options: Pool2dOptions, of: (x: Value, size: readonly [number, number], window: Window) => Value): Layer {
  checkOptions(kind, options, ['size', 'stride', 'padding', 'name'])
  const size = pair(kind, 'size', options.size ?? 2)
  const stride = pair(kind, 'stride', options.stride ?? size)
  const padding = paddingOf(kind, options.padding ?? 'valid')
  return define(kind, options.name, (x) => {
    expectFloat(kind, x, 4, image)
    return of(x, size, { stride, padding })
  })
}

function global(kind: string, options: Named, of: typeof ops.mean): Layer {
  checkOptions(kind, options, ['name'])
  return define(kind, options.name, (x) => {
    expectFloat(kind, x, 4, image)
    return of(x, { axes: [2, 3] })
  })
}
