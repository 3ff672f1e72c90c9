import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { type AnyLayer, checkLayers } from './sequential.ts'

export interface ResidualOptions extends Named {
  /** What the input goes through on its way past the layers, where shapes differ; default: nothing. */
  readonly shortcut?: AnyLayer
}

/**
 * Layers one after another, and their input added to their output.
 *
 * K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition (2016).
 * @example `nn.residual([nn.layerNorm(), nn.dense({ units: 64 })])`
 */
export function residual(layers: readonly AnyLayer[], options: ResidualOptions = {}): Layer {
  checkOptions('residual', options, ['shortcut', 'name'])
  checkLayers('residual', layers)
  const shortcut = options.shortcut && { ...options.shortcut, name: 'shortcut' }
  const inner = define('residual', options.name, (x, scope) => {
    if (layers.length === 0) return shortcut ? scope.apply(shortcut, x) : x
    const y = layers.reduce((value, layer) => scope.apply(layer, value), x)
    const past = shortcut ? scope.apply(shortcut, x) : x
    const same = past.shape.length === y.shape.length && past.shape.every((size, i) => size === y.shape[i])
    expect(same, 'residual', [past, y], 'the same shape past and through its layers (see the option shortcut)')
    return ops.add(past, y)
  })
  return {
    ...inner,
    layers: shortcut ? [...layers, shortcut] : layers,
    rebuild: (left) => {
      const past = left.find((layer) => layer.name === 'shortcut')
      const rest = left.filter((layer) => layer !== past)
      return residual(rest, { name: options.name, ...(past && { shortcut: past }) })
    },
  }
}
