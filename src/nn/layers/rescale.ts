import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { isFloat } from '../../tensor/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

export interface RescaleOptions extends Named {
  /** Default 1. */
  readonly scale?: number
  /** Default 0. */
  readonly offset?: number
}

/** `x * scale + offset`, as float32 whatever came. @example `nn.rescale({ scale: 1 / 255 })` for bytes */
export function rescale(options: RescaleOptions = {}): Layer {
  checkOptions('rescale', options, ['scale', 'offset', 'name'])
  const { scale = 1, offset = 0, name } = options
  return define('rescale', name, (x) => {
    const floats = isFloat(x.dtype) ? x : ops.cast(x, 'float32')
    const scaled = scale === 1 ? floats : ops.mul(floats, scale)
    return offset === 0 ? scaled : ops.add(scaled, offset)
  })
}
