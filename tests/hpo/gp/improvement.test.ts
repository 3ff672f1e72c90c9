/** Expected improvement against numeric integration, and its logarithm where it is too small for a number. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logExpectedImprovement, logImprovement } from '../../../src/hpo/gp/improvement.ts'
import fc from '../../laws.ts'
import { integral } from '../integral.ts'

const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`)
const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true })

test('it is the integral of the improvement over the normal distribution', () => {
  fc.assert(
    fc.property(finite(-3, 3), finite(-3, 3), finite(0.05, 2), (best, mean, deviation) => {
      const density = (y: number) => Math.exp(-0.5 * ((y - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI))
      const from = Math.min(best, mean - 12 * deviation)
      const expected = integral((y) => (best - y) * density(y), from, best, 6000)
      if (expected > 1e-9) near(logExpectedImprovement(best, mean, deviation ** 2), Math.log(expected), 1e-4)
    }),
    { numRuns: 60 },
  )
})

test('far out its logarithm is that of the asymptotic series; where the formulas meet there is no step', () => {
  for (const z of [-20, -50, -200, -1e4]) {
    const t = z * z
    const series = -t / 2 - Math.log(2 * Math.PI) / 2 - Math.log(t) + Math.log(1 - 3 / t + 15 / (t * t) - 105 / t ** 3)
    near(logImprovement(z).value / series, 1, 1e-8)
  }
  const step = logImprovement(-2 + 1e-9).value - logImprovement(-2 - 1e-9).value
  near(step, 2e-9 * logImprovement(-2).slope, 1e-10)
})

test('the slope is the derivative', () => {
  fc.assert(
    fc.property(finite(-40, 8), (z) => {
      const h = 1e-4 * Math.max(1, Math.abs(z))
      const difference = (logImprovement(z + h).value - logImprovement(z - h).value) / (2 * h)
      near(logImprovement(z).slope, difference, 1e-4 * Math.max(1, Math.abs(difference)))
    }),
  )
})

test('without doubt it is the difference, or none at all', () => {
  near(logExpectedImprovement(3, 1, 0), Math.log(2), 1e-12)
  assert.equal(logExpectedImprovement(1, 3, 0), Number.NEGATIVE_INFINITY)
})
