/** Losses made normal keep their order, and whatever they were, a process can take them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { standardLosses, warped, yeoJohnson } from '../../../src/hpo/gp/warp.ts'
import fc from '../../laws.ts'

const anything = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length

test('of any losses it makes numbers of mean 0 and deviation 1, or all 0, in the same order', () => {
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 40 }), (losses) => {
      const y = warped(Float64Array.from(losses))
      assert.ok(y.every(Number.isFinite), `${y}`)
      const deviation = Math.sqrt(mean(y.map((value) => value * value)))
      assert.ok(Math.abs(mean(y)) < 1e-6 && (Math.abs(deviation - 1) < 1e-6 || deviation === 0), `${mean(y)}, ${deviation}`)
      for (const [i, a] of losses.entries()) for (const [j, b] of losses.entries()) if (a < b) assert.ok(y[i]! <= y[j]!)
    }),
  )
})

test('a long tail is drawn in, a symmetric one is left alone', () => {
  const chance = random(1)
  const skewness = (x: Float64Array) =>
    mean(x.map((value) => (value - mean(x)) ** 3)) / mean(x.map((value) => (value - mean(x)) ** 2)) ** 1.5
  const normal = Float64Array.from({ length: 200 }, () => chance.normal())
  const tailed = normal.map((value) => Math.exp(2 * value))
  assert.ok(skewness(warped(tailed)) < skewness(tailed) / 4, `${skewness(warped(tailed))} of ${skewness(tailed)}`)
  const scale = Math.sqrt(mean(normal.map((value) => (value - mean(normal)) ** 2)))
  for (const [i, value] of warped(normal).entries()) assert.ok(Math.abs(value - (normal[i]! - mean(normal)) / scale) < 0.3)
})

test('the power transform rises, is smooth at 0, and is the identity at power 1', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), fc.integer({ min: -30, max: 30 }), (x, tenths) => {
      const power = tenths / 10
      assert.ok(yeoJohnson(x + 0.01, power) > yeoJohnson(x, power))
      assert.ok(Math.abs(yeoJohnson(1e-9, power) - 1e-9) < 1e-15 && Math.abs(yeoJohnson(-1e-9, power) + 1e-9) < 1e-15)
      assert.ok(Math.abs(yeoJohnson(x, 1) - x) < 1e-9)
    }),
  )
})

test('stopped trials are no better than the middle of the finished, failed ones as bad as the worst', () => {
  const finished = (loss: number) => ({ group: 'finished', step: 0, loss }) as const
  const stopped = (loss: number) => ({ group: 'stopped', step: 1, loss }) as const
  const failed = { group: 'failed', step: 0, loss: Number.POSITIVE_INFINITY } as const
  const [a, b, c, early, late, none] = standardLosses([finished(1), finished(2), finished(3), stopped(0), stopped(2.5), failed])
  assert.equal(early, b)
  assert.ok(late! > b! && late! < c!)
  assert.equal(none, c)
  assert.ok(a! < b!)
  const [x, y] = standardLosses([stopped(1), stopped(2)])
  assert.ok(x! < y!)
})
