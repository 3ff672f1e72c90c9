import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { type Binned, binAll, binsOf } from '../../../src/trees/boosting/bins.ts'
import { bundlesOf, writeBundle } from '../../../src/trees/boosting/bundles.ts'
import fc from '../../laws.ts'
import { mixed } from './data.ts'

const float = fc.oneof(
  fc.float({ noNaN: false }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0),
)

test('a value is in the first bin whose border it does not exceed, and missing ones in a bin of their own', () => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 1, maxLength: 80 }), fc.integer({ min: 2, max: 12 }), (list, most) => {
      const values = Float32Array.from(list)
      const { borders, codes, count, missing } = binsOf(values, { name: 'x' }, values.length, most)
      assert.ok(borders.length < most)
      for (let k = 1; k < borders.length; k++) assert.ok((borders[k] as number) > (borders[k - 1] as number))
      assert.equal(missing, list.some(Number.isNaN) ? count - 1 : -1)
      for (const [row, value] of values.entries()) {
        const after = borders.findIndex((border) => value <= border)
        assert.equal(codes[row], Number.isNaN(value) ? missing : after < 0 ? borders.length : after)
      }
    }),
  )
})

test('few different values have a bin each; many have bins of about as many rows', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.float({ noNaN: true }), { minLength: 1, maxLength: 30, comparator: (a, b) => a === b }), (list) => {
      const { codes } = binsOf(Float32Array.from(list), { name: 'x' }, list.length, 30)
      assert.equal(new Set(codes).size, list.length)
    }),
  )
  const chance = random(1)
  const { codes, count } = binsOf(
    Float32Array.from({ length: 20_000 }, () => chance.normal()),
    { name: 'x' },
    20_000,
    100,
  )
  const rows = new Int32Array(count)
  for (const code of codes) rows[code]!++
  assert.equal(count, 100)
  for (const n of rows) assert.ok(n >= 190 && n <= 210)
})

test('of too many categories, the commonest have bins, and the others go with the missing ones', () => {
  const values = Float32Array.from([5, 5, 5, 2, 2, 9, 7, 7, Number.NaN, 3])
  const { categories, codes, missing } = binsOf(values, { name: 'c', categories: 10 }, 10, 3)
  assert.deepEqual([...(categories as Int32Array)], [2, 5, 7])
  assert.deepEqual([...codes], [1, 1, 1, 0, 0, 3, 2, 2, 3, 3])
  assert.equal(missing, 3)
})

test('bundles hold every feature once, and from their bins those of every feature can be told', () => {
  const chance = random(4)
  const rows = 500
  const flags = Array.from({ length: 30 }, (_, f): Binned => {
    const count = 2 + (f % 3)
    const common = f % count
    const codes = Uint8Array.from({ length: rows }, (_, row) =>
      row % 20 === f % 20 || (f > 25 && chance.int(3) === 0) ? chance.int(count) : common,
    )
    return { count, missing: -1, known: false, borders: new Float32Array(count - 1), categories: undefined, codes }
  })
  const data = mixed(rows, 2)
  const others = binAll(
    data.x,
    data.features,
    Int32Array.from({ length: rows }, (_, k) => k),
    rows,
    255,
  )
  const features = [...flags, ...others]
  const bundles = bundlesOf(features)
  assert.ok(bundles.length < 20, `${bundles.length} bundles of ${features.length} features`)
  const members = bundles.flatMap((bundle) => bundle.members.map(({ feature }) => feature))
  assert.deepEqual(
    members.sort((a, b) => a - b),
    [...features.keys()],
  )
  for (const bundle of bundles) {
    assert.ok(bundle.bins <= 256)
    const bytes = new Uint8Array(rows * 4)
    writeBundle(bundle, features, bytes, 1)
    for (const { feature, first, shared } of bundle.members) {
      const { codes, count } = features[feature] as Binned
      for (let row = 0; row < rows; row++) {
        const bin = (bytes[1 + 4 * row] as number) - first
        const own = shared < 0 ? bin : bin < 0 || bin >= count - 1 ? shared : bin < shared ? bin : bin + 1
        assert.equal(own, codes[row])
      }
    }
  }
})
