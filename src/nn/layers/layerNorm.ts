import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import { ones } from '../initializers/ones.ts'
import { zeros } from '../initializers/zeros.ts'
import type { Layer } from '../layer.ts'
import { positive } from '../options.ts'

export interface LayerNormOptions extends Named {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each vector (the last axis) to mean 0 and variance 1, then scales and shifts it, as `torch.nn.LayerNorm`.
 *
 * J. Ba, J. Kiros, G. Hinton: Layer normalization (2016).
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  checkOptions('layerNorm', options, ['epsilon', 'name'])
  const epsilon = positive('layerNorm', 'epsilon', options.epsilon ?? 1e-5)
  return define('layerNorm', options.name, (x, scope) => {
    expectFloat('layerNorm', x)
    const shape = [sizeAt('layerNorm', x, -1, 'the last axis')]
    return ops.layerNorm(x, scope.param('scale', shape, ones()), scope.param('bias', shape, zeros()), { epsilon })
  })
}
