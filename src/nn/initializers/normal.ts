import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'
import { between } from '../options.ts'

/** Normal with a mean (0) and a standard deviation (0.05, as in Keras). */
export function normal(options: { readonly mean?: number; readonly deviation?: number } = {}): Initializer {
  checkOptions("initializer 'normal'", options, ['mean', 'deviation'])
  const { mean = 0, deviation = 0.05 } = options
  between("initializer 'normal'", 'deviation', deviation, 0, Number.MAX_VALUE)
  return {
    kind: 'normal',
    fill: (values, _shape, random) => {
      for (let i = 0; i < values.length; i++) values[i] = mean + deviation * random.normal()
    },
  }
}
