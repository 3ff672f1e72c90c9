import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { define, expectFloat, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { between } from '../options.ts'

export interface DropoutOptions extends Named {
  /** Share of the numbers set to 0; the others are divided by 1 - rate, so that their mean stays. */
  readonly rate: number
}

/**
 * Sets a random share of the numbers to 0 in each training step; does nothing otherwise. The numbers dropped follow from
 * the run's seed, the layer's name and the step, so that a resumed run drops the same.
 *
 * N. Srivastava et al.: Dropout: a simple way to prevent neural networks from overfitting (2014).
 */
export function dropout(options: DropoutOptions): Layer {
  checkOptions('dropout', options, ['rate', 'name'])
  const rate = between('dropout', 'rate', options.rate, 0, 0.999)
  return define('dropout', options.name, (x, scope) => {
    expectFloat('dropout', x)
    if (!scope.training || rate === 0) return x
    return ops.mul(x, scope.noise('mask', x.shape, { kind: 'keep', keep: 1 - rate }))
  })
}
