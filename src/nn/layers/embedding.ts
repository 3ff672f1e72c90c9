import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { isFloat } from '../../tensor/index.ts'
import { define, type Named } from '../define.ts'
import { type InitializerOption, initializerOf } from '../initializer.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'

export interface EmbeddingOptions extends Named {
  /** How many different tokens there are: 0 to tokens - 1. */
  readonly tokens: number
  /** Length of a token's vector. */
  readonly width: number
  /** Default 'uniform', -0.05 to 0.05, as in Keras. */
  readonly initializer?: InitializerOption
  /** Default true. */
  readonly trainable?: boolean
}

/** A trained vector for each token: integers [...] to [..., width], with weight [tokens, width]. */
export function embedding(options: EmbeddingOptions): Layer {
  checkOptions('embedding', options, ['tokens', 'width', 'initializer', 'trainable', 'name'])
  const tokens = whole('embedding', 'tokens', options.tokens)
  const width = whole('embedding', 'width', options.width)
  const init = initializerOf(options.initializer ?? 'uniform')
  return define('embedding', options.name, (x, scope) => {
    expect(!isFloat(x.dtype) && x.dtype !== 'bool', 'embedding', [x], 'integers: tokens or labels')
    const weight = scope.param('weight', [tokens, width], init, { trainable: options.trainable ?? true })
    return ops.gather(weight, ops.cast(x, 'int32'))
  })
}
