import { checkOptions } from '../../core/registry.ts'
import type { Initializer } from '../layer.ts'

/** The same number everywhere. */
export function constant(options: { readonly value: number }): Initializer {
  checkOptions("initializer 'constant'", options, ['value'])
  return { kind: 'constant', fill: (values) => void values.fill(options.value) }
}
