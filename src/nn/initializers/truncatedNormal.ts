import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'
import { between } from '../options.ts'

/**
 * Normal with what lies further than two deviations from the mean drawn again. `deviation` (0.05, as in Keras) is that
 * of the normal before cutting; what is left has 0.8796 times it.
 */
export function truncatedNormal(options: { readonly mean?: number; readonly deviation?: number } = {}): Initializer {
  checkOptions("initializer 'truncatedNormal'", options, ['mean', 'deviation'])
  const { mean = 0, deviation = 0.05 } = options
  between("initializer 'truncatedNormal'", 'deviation', deviation, 0, Number.MAX_VALUE)
  return {
    kind: 'truncatedNormal',
    fill: (values, _shape, random) => {
      for (let i = 0; i < values.length; i++) {
        let z = random.normal()
        while (Math.abs(z) > 2) z = random.normal()
        values[i] = mean + deviation * z
      }
    },
  }
}
