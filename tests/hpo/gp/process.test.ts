/** A process against what defines it: it knows what it was told, doubts what it was not, and its gradients are right. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import type { Hyper } from '../../../src/hpo/gp/kernel.ts'
import { extended, geometry, processOf } from '../../../src/hpo/gp/process.ts'
import fc from '../../laws.ts'

const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`)

function made(seed: number, count: number, lists: readonly boolean[], noise = 1e-6) {
  const chance = random(seed)
  const point = () => Float64Array.from(lists, (isList) => (isList ? (chance.int(3) + 0.5) / 3 : chance.uniform()))
  const hyper: Hyper = { lengths: Float64Array.from(lists, () => 0.3 + chance.uniform()), variance: 1 + chance.uniform(), noise }
  const points = Array.from({ length: count }, point)
  const losses = Float64Array.from({ length: count }, () => chance.normal())
  return { points, losses, hyper, lists, point }
}
const shape = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 12 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }))

test('with hardly any noise it passes through what it was told, and doubts nothing there', () => {
  const { points, losses, hyper, lists } = made(1, 8, [false, false])
  const process = processOf(geometry(points, hyper, lists), losses)
  for (const [i, { mean, variance }] of process.predict(points).entries()) {
    near(mean, losses[i]!, 1e-3)
    near(variance, 0, 1e-4)
  }
  near(process.lowest, Math.min(...losses), 1e-3)
  const [far] = processOf(
    geometry([Float64Array.of(0)], { ...hyper, lengths: Float64Array.of(1e-3) }, [false]),
    Float64Array.of(2),
  ).predict([Float64Array.of(1)])
  near(far!.mean, 0, 1e-9)
  near(far!.variance, hyper.variance, 1e-9)
})

test('the lowest mean is the lowest prediction at what it was told, also with noise', () => {
  fc.assert(
    fc.property(shape, ([seed, count, lists]) => {
      const { points, losses, hyper } = made(seed, count, lists, 0.3)
      const process = processOf(geometry(points, hyper, lists), losses)
      near(process.lowest, Math.min(...process.predict(points).map(({ mean }) => mean)), 1e-9)
    }),
  )
})

test('predictions of many points are those of each; gradients are those of finite differences; bounds bound', () => {
  fc.assert(
    fc.property(shape, ([seed, count, lists]) => {
      const { points, losses, hyper, point } = made(seed, count, lists, 0.01)
      const process = processOf(geometry(points, hyper, lists), losses)
      const queries = Array.from({ length: 6 }, point)
      const all = process.predict(queries)
      const bounds = process.bounds(queries)
      for (const [i, x] of queries.entries()) {
        const [one] = process.predict([x])
        const { mean, variance, byMean, byVariance } = process.gradient(x)
        for (const other of [one!, { mean, variance }]) {
          near(other.mean, all[i]!.mean, 1e-9)
          near(other.variance, all[i]!.variance, 1e-9)
        }
        near(bounds[i]!.mean, mean, 1e-9)
        assert.ok(bounds[i]!.variance >= variance - 1e-9)
        for (const [d, isList] of lists.entries()) {
          if (isList) {
            near(byMean[d]!, 0, 0)
            near(byVariance[d]!, 0, 0)
            continue
          }
          const [up, down] = process.predict([x.with(d, x[d]! + 1e-5), x.with(d, x[d]! - 1e-5)])
          near(byMean[d]!, (up!.mean - down!.mean) / 2e-5, 1e-3)
          near(byVariance[d]!, (up!.variance - down!.variance) / 2e-5, 1e-3)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('what is pending is believed: means stay, variances there vanish, and nowhere grow', () => {
  fc.assert(
    fc.property(shape, ([seed, count, lists]) => {
      const { points, losses, hyper, point } = made(seed, count, lists)
      const known = geometry(points, hyper, lists)
      const before = processOf(known, losses)
      const pending = [point(), point()]
      const queries = [...pending, ...Array.from({ length: 4 }, point)]
      const first = before.predict(queries)
      const after = processOf(extended(known, pending), losses).predict(queries)
      for (const [i, { mean, variance }] of after.entries()) {
        near(mean, first[i]!.mean, 1e-6)
        assert.ok(variance <= first[i]!.variance + 1e-7)
        if (i < pending.length) near(variance, 0, 1e-4)
      }
    }),
    { numRuns: 40 },
  )
})

test('a geometry that grew has the bits of one made at once, also where points are the same and rounding must be helped', () => {
  fc.assert(
    fc.property(shape, fc.boolean(), ([seed, count, lists], twice) => {
      const { points, hyper } = made(seed, count, lists, 1e-18)
      const all = twice ? [...points, ...points] : points
      const whole = geometry(all, hyper, lists)
      let grown = geometry(all.slice(0, 1), hyper, lists)
      for (const x of all.slice(1)) grown = extended(grown, [x])
      const some = extended(geometry(all.slice(0, 1), hyper, lists), all.slice(1))
      for (const { factor, jitter } of [grown, some]) {
        assert.equal(jitter, whole.jitter)
        for (let i = 0; i < all.length; i++) {
          for (let j = 0; j <= i; j++) {
            assert.equal(factor.values[i * factor.stride + j], whole.factor.values[i * whole.factor.stride + j])
          }
        }
      }
    }),
    { numRuns: 40 },
  )
})
