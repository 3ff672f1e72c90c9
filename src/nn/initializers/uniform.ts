import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'

/** Uniform in [low, high). Default -0.05 to 0.05, as in Keras. */
export function uniform(options: { readonly low?: number; readonly high?: number } = {}): Initializer {
  checkOptions("initializer 'uniform'", options, ['low', 'high'])
  const { low = -0.05, high = 0.05 } = options
  if (!(low <= high)) throw fail('BAD_OPTION', "initializer 'uniform'", 'high', high, `a number not below low (${low})`)
  return {
    kind: 'uniform',
    fill: (values, _shape, random) => {
      for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * random.uniform()
    },
  }
}
