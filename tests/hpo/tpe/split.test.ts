/** The good and the bad: which trials are which, and that orders kept up to date are those that sorting gives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRanks, type Rank } from '../../../src/hpo/rank.ts'
import { history } from '../../../src/hpo/tpe/history.ts'
import { type Open, split } from '../../../src/hpo/tpe/split.ts'
import fc from '../../laws.ts'

const finished = (loss: number): Rank => ({ group: 'finished', step: 0, loss })
const stopped = (step: number, loss: number): Rank => ({ group: 'stopped', step, loss })
const failed: Rank = { group: 'failed', step: 0, loss: Number.POSITIVE_INFINITY }
const u = fc.oneof({ weight: 6, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) })
const rank = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 5 }).map(finished) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -5, max: 5 })).map(([s, l]) => stopped(s, l)) },
  { weight: 1, arbitrary: fc.constant(failed) },
)
const trial = fc.record({ units: fc.tuple(u, u).map((two) => Float64Array.from(two)), rank })
const open: fc.Arbitrary<Open> = fc.record({
  units: fc.tuple(u, u).map((two) => Float64Array.from(two)),
  rank: fc.oneof(
    fc.constant(undefined),
    rank.filter(({ group }) => group === 'stopped'),
  ),
})

test('ranks: finished by loss, then the stopped, the furthest first, then the failed', () => {
  const sorted = [failed, stopped(1, -9), stopped(3, 2), finished(7), stopped(3, 1), finished(-1)].sort(compareRanks)
  assert.deepEqual(sorted, [finished(-1), finished(7), stopped(3, 1), stopped(3, 2), stopped(1, -9), failed])
  assert.equal(compareRanks(finished(Number.POSITIVE_INFINITY), finished(Number.POSITIVE_INFINITY)), 0)
})

test('the best share of what has a loss is good, all others are bad; each trial is one kernel', () => {
  fc.assert(
    fc.property(fc.array(trial, { maxLength: 80 }), fc.array(open, { maxLength: 6 }), (ended, pending) => {
      const told = history(2)
      for (const { units, rank } of ended) told.add(units, rank)
      const sets = split(told, pending, 0.12)
      const known = [...ended, ...pending.filter((one) => one.rank !== undefined)].filter(({ rank }) => rank?.group !== 'failed')
      if (sets === undefined) return assert.equal(known.length, 0)
      const { good, bad } = sets
      assert.equal(good.count, Math.min(25, Math.ceil(0.12 * known.length)))
      assert.equal(good.count + bad.count, ended.length + pending.length)
      const best = known.toSorted((a, b) => compareRanks(a.rank!, b.rank!))
      assert.deepEqual([...good.columns[0]!].sort(), [...good.columns[0]!].sort())
      // Equals may take each other's place; no bad one is better than the last good one.
      const worst = best[good.count - 1]!.rank!
      const isGood = (units: Float64Array) =>
        good.columns[0]!.some((value, i) => Object.is(value, units[0]) && Object.is(good.columns[1]![i], units[1]))
      for (const { units, rank } of known) if (compareRanks(rank!, worst) < 0) assert.ok(isGood(units))
      for (const { columns, ascending, count } of [good, bad]) {
        for (const [d, order] of ascending.entries()) {
          const column = columns[d]!
          assert.deepEqual(
            [...order].map((i) => column[i]),
            [...column.subarray(0, count)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b),
          )
          assert.equal(new Set(order).size, order.length)
        }
      }
    }),
  )
})

test('better ones weigh more, and one in the mean', () => {
  const told = history(1)
  for (let i = 0; i < 50; i++) told.add(Float64Array.of(i / 50), finished(50 - i))
  const { good, bad } = split(told, [], 0.12)!
  assert.deepEqual(
    [...good.columns[0]!],
    [49, 48, 47, 46, 45, 44].map((i) => i / 50),
  )
  for (let i = 1; i < good.count; i++) assert.ok(good.weights[i]! < good.weights[i - 1]!)
  assert.ok(Math.abs(good.weights.reduce((a, b) => a + b, 0) - good.count) < 1e-12)
  assert.deepEqual(new Set(bad.weights), new Set([1]))
})
