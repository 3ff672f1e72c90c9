/** The kinds of dimensions, looked up by a dimension. */
import type { DimensionData, DimensionOf, Kind } from './dimension.ts'
import * as kinds from './kinds/index.ts'

kinds satisfies { readonly [K in DimensionData['kind']]: Kind<DimensionOf<K>> }

const table = kinds as unknown as Readonly<Record<string, Kind>>

export const kindNames: readonly string[] = Object.keys(kinds)

/** The facts of a dimension's kind. */
export function kindOf(dimension: DimensionData): Kind {
  return table[dimension.kind] as Kind
}

/** 'one of 64, 128, 256', 'a number from 0.001 to 1 (log)'. */
export function describe(dimension: DimensionData): string {
  switch (dimension.kind) {
    case 'choice':
      return `one of ${dimension.values.join(', ')}`
    case 'ordinal':
      return `one of ${dimension.values.join(' < ')}`
    case 'boolean':
      return 'true or false'
    case 'fixed':
      return `always ${dimension.value}`
    case 'uniform':
      return `a number from ${dimension.low} to ${dimension.high}`
    case 'logUniform':
      return `a number from ${dimension.low} to ${dimension.high} (log)`
    case 'int':
      return `a whole number from ${dimension.low} to ${dimension.high}`
    case 'logInt':
      return `a whole number from ${dimension.low} to ${dimension.high} (log)`
    case 'quantized':
      return `a number from ${dimension.low} to ${dimension.high} in steps of ${dimension.step}`
    case 'normal':
      return `a normal number, ${dimension.mean} ± ${dimension.deviation}`
    default:
      return dimension satisfies never
  }
}
