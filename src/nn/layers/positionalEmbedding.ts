import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import { type InitializerOption, initializerOf } from '../initializer.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'

export interface PositionalEmbeddingOptions extends Named {
  /** The longest sequence; default: as long as those that come. */
  readonly length?: number
  /** Default 'uniform', -0.05 to 0.05. */
  readonly initializer?: InitializerOption
}

/** Adds a trained vector for each place of a sequence: [batch, time, width] to the same, with weight [length, width]. */
export function positionalEmbedding(options: PositionalEmbeddingOptions = {}): Layer {
  checkOptions('positionalEmbedding', options, ['length', 'initializer', 'name'])
  if (options.length !== undefined) whole('positionalEmbedding', 'length', options.length)
  const init = initializerOf(options.initializer ?? 'uniform')
  return define('positionalEmbedding', options.name, (x, scope) => {
    expectFloat('positionalEmbedding', x, 3, '[batch, time, width]')
    const time = sizeAt('positionalEmbedding', x, 1, 'time')
    const width = sizeAt('positionalEmbedding', x, 2, 'width')
    const { length = time } = options
    expect(time <= length, 'positionalEmbedding', [x], `at most ${length} places in time`)
    const weight = scope.param('weight', [length, width], init)
    return ops.add(x, time === length ? weight : ops.slice(weight, 0, 0, time))
  })
}
