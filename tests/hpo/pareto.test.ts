/** Points with several losses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crowdingDistances, dominates, hypervolume, nonDominatedSort, paretoFront } from '../../src/hpo/pareto.ts'
import fc from '../laws.ts'

/** Small whole numbers, so that ties are common, and infinities. */
const loss = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 5 }) },
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)
const pointsOf = (arbitrary: fc.Arbitrary<number>) =>
  fc
    .integer({ min: 1, max: 4 })
    .chain((objectives) => fc.array(fc.array(arbitrary, { minLength: objectives, maxLength: objectives }), { maxLength: 25 }))
const points = pointsOf(loss)
const some = fc.nat()

test('dominating is a strict order: never oneself, never each other, and it passes on', () => {
  fc.assert(
    fc.property(points, some, (all, seed) => {
      if (all.length === 0) return
      const [a, b, c] = [all[seed % all.length]!, all[(seed >> 3) % all.length]!, all[(seed >> 7) % all.length]!]
      assert.equal(dominates(a, a), false)
      assert.ok(!(dominates(a, b) && dominates(b, a)))
      if (dominates(a, b) && dominates(b, c)) assert.ok(dominates(a, c))
    }),
  )
})

test('the front is what none dominates; copies of a point stand or fall together', () => {
  fc.assert(
    fc.property(points, (all) => {
      const expected = all.map((_, i) => i).filter((i) => !all.some((other) => dominates(other, all[i]!)))
      assert.deepEqual(paretoFront(all), expected)
    }),
  )
})

test('each front is the front of what the ones before it leave', () => {
  fc.assert(
    fc.property(points, (all) => {
      let left = all.map((_, i) => i)
      for (const front of nonDominatedSort(all)) {
        const expected = paretoFront(left.map((i) => all[i]!)).map((k) => left[k]!)
        assert.deepEqual(front, expected)
        left = left.filter((i) => !front.includes(i))
      }
      assert.deepEqual(left, [])
    }),
  )
})

test('fronts do not depend on the order of the points', () => {
  fc.assert(
    fc.property(points, (all) => {
      const rank = (list: readonly (readonly number[])[]) => {
        const ranks = list.map(() => -1)
        nonDominatedSort(list).forEach((front, r) => {
          for (const i of front) ranks[i] = r
        })
        return ranks
      }
      assert.deepEqual(rank(all.toReversed()), rank(all).reverse())
    }),
  )
})

test('crowding by hand', () => {
  assert.deepEqual(crowdingDistances([]), [])
  assert.deepEqual(crowdingDistances([[1, 2]]), [Infinity])
  // Extents 4 and 8: the middle ones have (3 - 0) / 4 + (8 - 2) / 8 and (4 - 1) / 4 + (4 - 0) / 8.
  assert.deepEqual(
    crowdingDistances([
      [0, 8],
      [1, 4],
      [3, 2],
      [4, 0],
    ]),
    [Infinity, 1.5, 1.25, Infinity],
  )
  assert.deepEqual(
    crowdingDistances([
      [0, 8],
      [1, 4],
      [1, 4],
      [4, 0],
    ]),
    [Infinity, 2, 0, Infinity],
  )
})

test('crowding is never NaN nor negative, of copies all but one have none, and no scale nor order changes it', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 9 }), (all, factor) => {
      const distances = crowdingDistances(all)
      assert.ok(distances.every((distance) => distance >= 0))
      for (const [i, point] of all.entries()) if (all.findIndex((other) => `${other}` === `${point}`) < i) assert.equal(distances[i], 0)
      const scaled = crowdingDistances(all.map((point) => point.map((value) => value * factor * 1e300)))
      for (const [i, distance] of distances.entries()) assert.ok(distance === scaled[i] || Math.abs(distance - scaled[i]!) < 1e-9)
    }),
  )
  const distinct = pointsOf(fc.double({ min: 0, max: 1, noNaN: true })).filter((all) =>
    (all[0] ?? []).every((_, k) => new Set(all.map((point) => point[k])).size === all.length),
  )
  fc.assert(fc.property(distinct, (all) => assert.deepEqual(crowdingDistances(all.toReversed()), crowdingDistances(all).reverse())))
})

test('the hypervolume by hand', () => {
  assert.equal(hypervolume([], [1, 1]), 0)
  assert.equal(hypervolume([[0.25]], [1]), 0.75)
  assert.equal(
    hypervolume(
      [
        [0.25, 0.5],
        [0.5, 0.25],
      ],
      [1, 1],
    ),
    0.75 * 0.5 + 0.5 * 0.25,
  )
  assert.equal(
    hypervolume(
      [
        [1, 0],
        [0, 1],
      ],
      [1, 1],
    ),
    0,
  )
  assert.equal(
    hypervolume(
      [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
      [1, 2, 3],
    ),
    6,
  )
  assert.equal(hypervolume([[Infinity, 0]], [1, 1]), 0)
})

test('the hypervolume is what a lattice counts, and only the front makes it', () => {
  const whole = fc
    .integer({ min: 1, max: 3 })
    .chain((objectives) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: objectives, maxLength: objectives }), { minLength: 1, maxLength: 10 }),
    )
  fc.assert(
    fc.property(whole, (all) => {
      const reference = all[0]!.map(() => 5)
      const cells = reference.reduce<number[][]>((rows) => rows.flatMap((row) => [0, 1, 2, 3, 4].map((x) => [...row, x])), [[]])
      const counted = cells.filter((cell) => all.some((point) => point.every((value, k) => value <= cell[k]!))).length
      assert.equal(hypervolume(all, reference), counted)
      assert.equal(
        hypervolume(
          paretoFront(all).map((i) => all[i]!),
          reference,
        ),
        counted,
      )
    }),
  )
})
