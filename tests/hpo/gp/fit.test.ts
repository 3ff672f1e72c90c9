/** The marginal likelihood against its definition, its gradient against differences, and what a fit recovers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { fit, negativeLogLikelihood, negativeLogPosterior, type Sample } from '../../../src/hpo/gp/fit.ts'
import { cholesky } from '../../../src/hpo/linear/cholesky.ts'
import fc from '../../laws.ts'

function sampleOf(count: number, lists: readonly boolean[], seed: number, loss?: (x: Float64Array) => number): Sample {
  const chance = random(seed)
  const rows = Float64Array.from({ length: count * lists.length }, (_, i) =>
    lists[i % lists.length] ? (chance.int(3) + 0.5) / 3 : chance.uniform(),
  )
  const losses = Float64Array.from({ length: count }, (_, i) => {
    const x = rows.subarray(i * lists.length, (i + 1) * lists.length)
    return loss === undefined ? chance.normal() : loss(x)
  })
  return { count, rows, losses, lists }
}

test('of two points it is the density of two correlated normal numbers', () => {
  const sample: Sample = { count: 2, rows: Float64Array.of(0.2, 0.5), losses: Float64Array.of(0.7, -0.4), lists: [false] }
  const [length, variance, noise] = [0.4, 1.3, 0.05]
  const a = (Math.sqrt(5) * 0.3) / length
  const k = variance * (1 + a + (a * a) / 3) * Math.exp(-a)
  const v = variance + noise
  const determinant = v * v - k * k
  const quadratic = (v * 0.7 ** 2 - 2 * k * 0.7 * -0.4 + v * 0.4 ** 2) / determinant
  const value = negativeLogLikelihood(sample)(Float64Array.of(length, variance, noise).map(Math.log), new Float64Array(3))
  assert.ok(Math.abs(value - (quadratic + Math.log(determinant)) / 2) < 1e-12)
})

test('gradients are those of finite differences', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 14 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), fc.nat(), (count, lists, seed) => {
      const sample = sampleOf(count, lists, seed)
      const chance = random(seed).fork('at')
      const logs = Float64Array.from([...lists.map(() => chance.normal() - 0.5), 0.5 * chance.normal(), chance.normal() - 3])
      for (const make of [negativeLogLikelihood, negativeLogPosterior]) {
        const value = make(sample)
        const gradient = new Float64Array(logs.length)
        value(logs, gradient)
        const unused = new Float64Array(logs.length)
        for (const [i, slope] of gradient.entries()) {
          const moved = (by: number) => value(logs.with(i, logs[i]! + by), unused)
          const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
          assert.ok(Math.abs(difference - slope) < 1e-4 * Math.max(1, Math.abs(slope)), `${i}: ${slope} against ${difference}`)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('a fit finds which axis matters, and how much is noise', () => {
  const wave = sampleOf(40, [false, false], 1, ([x]) => Math.sin(6 * x!))
  const { lengths, noise } = fit(wave)
  assert.ok(lengths[1]! > 5 * lengths[0]!, `${lengths}`)
  assert.ok(noise < 1e-3, `${noise}`)
  const chance = random(2)
  const noisy = sampleOf(80, [false], 1, ([x]) => Math.sin(6 * x!) + 0.5 * chance.normal())
  const found = fit(noisy).noise
  assert.ok(found > 0.1 && found < 0.6, `${found} of 0.25`)
})

test('a fit is no worse than where it began, also of points that are all the same', () => {
  const same: Sample = { count: 5, rows: new Float64Array(5).fill(0.5), losses: new Float64Array(5), lists: [false] }
  const { lengths, variance, noise } = fit(same)
  for (const value of [...lengths, variance, noise]) assert.ok(Number.isFinite(value) && value > 0)
  assert.ok(cholesky(Float64Array.of(variance + noise), 1))
})
