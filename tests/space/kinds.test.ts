/** The laws of each kind of dimension. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type DimensionKind, dimensions as d, describe, kindOf, type Value } from '../../src/space/index.ts'
import fc from '../laws.ts'
import { dimensionOf, unit } from './arbitrary.ts'

/** Of numbers, relative to the range; other values are the same or not. */
function near(a: Value, b: Value, scale: number): boolean {
  return typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-9 * Math.max(scale, Math.abs(a)) : a === b
}

for (const [name, arbitrary] of Object.entries(dimensionOf) as [DimensionKind, (typeof dimensionOf)[DimensionKind]][]) {
  suite(`dimension: ${name}`, () => {
    const law = (what: string, check: (dimension: Parameters<typeof kindOf>[0], u: number, v: number) => void) =>
      test(what, () => fc.assert(fc.property(arbitrary, unit, unit, check)))

    law('it has no problem', (one) => assert.equal(kindOf(one).problem(one), undefined))

    law('every place on the unit interval is one of its values', (one, u) => {
      const value = kindOf(one).fromUnit(one, u)
      assert.ok(kindOf(one).contains(one, value), `${String(value)} of ${JSON.stringify(one)}`)
    })

    law('a value stands on the unit interval, and is found again from there', (one, u) => {
      const kind = kindOf(one)
      const value = kind.fromUnit(one, u)
      const place = kind.toUnit(one, value)
      assert.ok(place >= 0 && place <= 1, `${String(value)} stands at ${place}`)
      if (one.kind === 'normal') {
        // In the upper tail 1 - u has few digits left.
        if (u > 1e-12 && u < 1 - 1e-6) assert.ok(near(kind.fromUnit(one, place), value, one.deviation))
      } else if (one.kind === 'uniform') assert.ok(near(kind.fromUnit(one, place), value, one.high - one.low))
      else assert.ok(near(kind.fromUnit(one, place), value, 0), `${String(value)} came back as ${String(kind.fromUnit(one, place))}`)
    })

    law('values rise with the unit interval, where they have an order', (one, u, v) => {
      const kind = kindOf(one)
      if (!kind.ordered || u === v) return
      const [low, high] = [kind.fromUnit(one, Math.min(u, v)), kind.fromUnit(one, Math.max(u, v))]
      if (typeof low === 'number' && typeof high === 'number' && one.kind !== 'ordinal')
        assert.ok(low <= high + 1e-12 * Math.abs(high), `${low} before ${high}`)
      assert.ok(kind.toUnit(one, low) <= kind.toUnit(one, high) + 1e-12)
    })

    law('its points are its values, each once, in the order of the unit interval', (one) => {
      const kind = kindOf(one)
      const points = kind.points(one)
      if (points === undefined) return
      assert.equal(new Set(points).size, points.length)
      const places = points.map((point) => kind.toUnit(one, point))
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      )
      for (const point of points) assert.ok(kind.contains(one, point))
    })

    law('nothing else is one of its values', (one) => {
      const foreign = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, {}, [], 'another', 1e301, 0.123456789] as Value[]
      const points = kindOf(one).points(one)
      for (const value of foreign) {
        if (points) assert.equal(kindOf(one).contains(one, value), points.includes(value))
        else if (typeof value !== 'number') assert.equal(kindOf(one).contains(one, value), false)
        else if (!Number.isFinite(value)) assert.equal(kindOf(one).contains(one, value), false)
      }
    })

    law('it is described in words', (one) => assert.ok(describe(one).length > 5))
  })
}

test('of n values each owns an equal part of the interval; of a logarithm, its share on that scale', () => {
  const shares = (one: Parameters<typeof kindOf>[0]) => {
    const n = 20_000
    const counts = new Map<Value, number>()
    for (let i = 0; i < n; i++) {
      const value = kindOf(one).fromUnit(one, (i + 0.5) / n)
      counts.set(value, (counts.get(value) ?? 0) + 1 / n)
    }
    return [...counts.values()]
  }
  for (const one of [d.choice(['a', 'b', 'c', 'd']), d.ordinal([1, 5, 7, 9]), d.int(-1, 2), d.quantized(0, 0.75, 0.25)])
    for (const share of shares(one)) assert.ok(Math.abs(share - 0.25) < 1e-3)
  const expected = [1, 2, 3, 4].map((n) => Math.log((n + 0.5) / (n - 0.5)) / Math.log(9))
  shares(d.logInt(1, 4)).forEach((share, i) => {
    assert.ok(Math.abs(share - expected[i]!) < 1e-3)
  })
  const decades = d.logUniform(1e-4, 1)
  assert.deepEqual(
    [0, 0.25, 0.5, 0.75, 1].map((u) => kindOf(decades).fromUnit(decades, u)),
    [1e-4, 1e-3, 1e-2, 0.1, 1].map((x) => kindOf(decades).fromUnit(decades, kindOf(decades).toUnit(decades, x))),
  )
})

test('rungs are the decimals that a person would write', () => {
  const points = (low: number, high: number, step: number) => kindOf(d.quantized(low, high, step)).points(d.quantized(low, high, step))
  assert.deepEqual(points(0, 0.3, 0.1), [0, 0.1, 0.2, 0.3])
  assert.deepEqual(points(0.1, 0.3, 0.2), [0.1, 0.3])
  assert.deepEqual(points(0, 1, 0.3), [0, 0.3, 0.6, 0.9])
  assert.deepEqual(points(-1, 1, 0.5), [-1, -0.5, 0, 0.5, 1])
  assert.deepEqual(points(1e-7, 3e-7, 1e-7), [1e-7, 2e-7, 3e-7])
  assert.deepEqual(points(1e12, 1e12 + 3, 1), [1e12, 1e12 + 1, 1e12 + 2, 1e12 + 3])
  assert.equal(points(0, 1, 1 / 3)?.length, 4)
  assert.equal(points(0, 100, 1e-6), undefined)
  assert.equal(points(0, 1e8, 1e-1), undefined)
})

test('values beyond a million are not listed', () => {
  for (const one of [d.int(0, 1e9), d.logInt(1, 1e9), d.quantized(0, 1e3, 1e-4)]) {
    assert.equal(kindOf(one).points(one), undefined)
    assert.ok(kindOf(one).contains(one, kindOf(one).fromUnit(one, 0.37)))
  }
  assert.equal(kindOf(d.int(1, 1e6)).points(d.int(1, 1e6))?.length, 1e6)
})

test('ranges over the whole of what numbers can be stay inside', () => {
  const wide = [
    d.logUniform(Number.MIN_VALUE, Number.MAX_VALUE),
    d.logUniform(1e-300, 1e300),
    d.uniform(-8e307, 8e307),
    d.int(0, Number.MAX_SAFE_INTEGER - 1),
    d.logInt(1, Number.MAX_SAFE_INTEGER),
  ]
  for (const one of wide) {
    assert.equal(kindOf(one).problem(one), undefined)
    for (const u of [0, 1e-9, 0.5, 1 - 2 ** -32, 1])
      assert.ok(kindOf(one).contains(one, kindOf(one).fromUnit(one, u)), `${describe(one)} at ${u}`)
  }
})

test('values that differ in their last digits only stand apart, and are found again', () => {
  const last = Number.MAX_SAFE_INTEGER
  const close = [
    d.logInt(last - 3, last - 3),
    d.logInt(last - 3, last),
    d.logInt(2 ** 52, 2 ** 52 + 1),
    d.int(last - 3, last),
    d.logUniform(1e-7, 1e-7 * (1 + 1e-15)),
    d.logUniform(1e300, 1e300 * (1 + 4e-16)),
  ]
  for (const one of close) {
    const kind = kindOf(one)
    for (const value of kind.points(one) ?? [0, 0.3, 1].map((u) => kind.fromUnit(one, u))) {
      const place = kind.toUnit(one, value)
      assert.ok(place >= 0 && place <= 1, `${value} of ${describe(one)} stands at ${place}`)
      assert.equal(kind.fromUnit(one, place), value, describe(one))
    }
  }
})

test('what the numbers of a computer cannot tell apart, or have no room for, is no dimension', () => {
  for (const one of [
    d.normal(0, 1e308),
    d.normal(-1.7e308, 1e307),
    d.quantized(1e15, 1e15 + 1, 0.07),
    d.quantized(1e20, 1e20 + 110_000, 10_426),
  ])
    assert.match(kindOf(one).problem(one) ?? '', /numbers of/, describe(one))
  for (const one of [d.normal(1e300, 1e300), d.quantized(1e12, 1e12 + 1, 0.01), d.quantized(-1e6, 1e6, 1e-6)])
    assert.equal(kindOf(one).problem(one), undefined, describe(one))
})
