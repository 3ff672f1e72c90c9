/** Arbitrary dimensions and spaces for property tests. */

import type { Dimension, DimensionData, DimensionKind, Value } from '../../src/space/index.ts'
import { dimensions as d } from '../../src/space/index.ts'
import fc from '../laws.ts'

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
const value: fc.Arbitrary<Value> = fc.oneof(fc.string(), fc.integer(), fc.boolean(), finite(-1e9, 1e9))
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 8, comparator: (a, b) => a === b })
const range = (low: fc.Arbitrary<number>, high: fc.Arbitrary<number>) =>
  fc
    .tuple(low, high)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .filter(([a, b]) => a < b)

/** One valid dimension of each kind. */
export const dimensionOf: { readonly [K in DimensionKind]: fc.Arbitrary<DimensionData> } = {
  choice: values.map((list) => d.choice(list)),
  boolean: fc.constant(d.boolean()),
  ordinal: values.map((list) => d.ordinal(list)),
  fixed: value.map((one) => d.fixed(one)),
  uniform: range(finite(-1e300, 1e300), finite(-1e3, 1e3)).map(([low, high]) => d.uniform(low, high)),
  logUniform: range(finite(1e-300, 1e300), finite(1e-3, 1e3)).map(([low, high]) => d.logUniform(low, high)),
  int: fc.tuple(fc.integer(), fc.integer({ min: 0, max: 50 })).map(([low, more]) => d.int(low, low + more)),
  logInt: fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 50 })).map(([low, more]) => d.logInt(low, low + more)),
  quantized: fc
    .tuple(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: -6, max: 3 }),
    )
    .map(([from, steps, step, power]) => {
      const decimal = (n: number) => Number(`${n}e${power}`)
      return d.quantized(decimal(from), decimal(from + steps * step), decimal(step))
    }),
  normal: fc.tuple(finite(-1e6, 1e6), finite(1e-3, 1e6)).map(([mean, deviation]) => d.normal(mean, deviation)),
}

export const dimension: fc.Arbitrary<Dimension> = fc.oneof(...(Object.values(dimensionOf) as fc.Arbitrary<Dimension>[]))

/** Spaces of up to six dimensions; some count only where an earlier one has certain of its values. */
export const dimensionsOf: fc.Arbitrary<Record<string, Dimension>> = fc
  .array(fc.tuple(dimension, fc.nat(), fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), fc.boolean()), { minLength: 1, maxLength: 6 })
  .map((rows) => {
    const all: Record<string, Dimension> = {}
    rows.forEach(([one, parent, picks, conditional], i) => {
      const names = Object.keys(all).filter((name) => all[name]!.kind === 'choice' || all[name]!.kind === 'boolean')
      const other = names[parent % names.length]
      if (!conditional || other === undefined) all[`d${i}`] = one
      else {
        const of = all[other]!
        const points = of.kind === 'choice' ? of.values : [false, true]
        all[`d${i}`] = d.when({ [other]: picks.map((pick) => points[pick % points.length]!) }, one)
      }
    })
    return all
  })

/** On [0, 1], its ends and corners more often. */
export const unit = fc.oneof(fc.constantFrom(0, 1, 0.5, 1 - 2 ** -32, 2 ** -32), finite(0, 1))
