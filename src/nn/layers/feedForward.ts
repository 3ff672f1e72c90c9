import { checkOptions } from '../../core/registry.ts'
import type { Activation } from '../activations.ts'
import { define, type Named, sizeAt } from '../define.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'
import { dense } from './dense.ts'

export interface FeedForwardOptions extends Named {
  /** Units between the two dense layers; default four times the width. */
  readonly hidden?: number
  /** Default 'gelu'. */
  readonly activation?: Activation
}

/** Two dense layers, wider between them and as wide as the input after them: the other half of a transformer's block. */
export function feedForward(options: FeedForwardOptions = {}): Layer {
  checkOptions('feedForward', options, ['hidden', 'activation', 'name'])
  const { activation = 'gelu', name } = options
  if (options.hidden !== undefined) whole('feedForward', 'hidden', options.hidden)
  return define('feedForward', name, (x, scope) => {
    const width = sizeAt('feedForward', x, -1, 'width')
    const wide = scope.apply(dense({ units: options.hidden ?? 4 * width, activation, name: 'hidden' }), x)
    return scope.apply(dense({ units: width, name: 'output' }), wide)
  })
}
