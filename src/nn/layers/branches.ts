import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { oneOf } from '../options.ts'
import { type AnyLayer, checkLayers } from './sequential.ts'

export interface BranchesOptions extends Named {
  /** What becomes of the outputs; default 'concat'. */
  readonly combine?: 'concat' | 'sum' | 'mean' | 'product'
  /** Axis of 'concat'; default the last. Channels of images are axis 1. */
  readonly axis?: number
}

/**
 * Layers side by side: each takes the same input, and their outputs are put one after another, or summed.
 *
 * @example `nn.branches([nn.conv2d({ filters: 8, kernel: 1 }), nn.conv2d({ filters: 8, kernel: 3, padding: 'same' })], { axis: 1 })`
 */
export function branches(layers: readonly AnyLayer[], options: BranchesOptions = {}): Layer {
  checkOptions('branches', options, ['combine', 'axis', 'name'])
  checkLayers('branches', layers)
  const combine = oneOf('branches', 'combine', options.combine ?? 'concat', ['concat', 'sum', 'mean', 'product'])
  const inner = define('branches', options.name, (x, scope) => {
    const outputs = layers.map((layer) => scope.apply(layer, x))
    if (outputs.length === 0) return x
    if (combine === 'concat') return outputs.length === 1 ? outputs[0]! : ops.concat(outputs, options.axis ?? -1)
    const [first] = outputs
    const same = outputs.every((y) => y.shape.join() === first!.shape.join())
    expect(same, 'branches', outputs, `branches of the same shape for their ${combine}`)
    const both = combine === 'product' ? ops.mul : ops.add
    const total = outputs.reduce((a, b) => both(a, b))
    return combine === 'mean' ? ops.div(total, outputs.length) : total
  })
  return { ...inner, layers, rebuild: (left) => branches(left, options) }
}
