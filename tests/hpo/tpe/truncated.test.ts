/** Cut normal distributions against integrals and inverses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logMass, logScale, quantile } from '../../../src/hpo/tpe/truncated.ts'
import fc from '../../laws.ts'
import { integral } from '../integral.ts'

const normal = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
const place = fc.double({ min: 0, max: 1, noNaN: true })
const width = fc.double({ min: 0.005, max: 1, noNaN: true })
const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`)

test('the mass between two points is the integral of the density', () => {
  fc.assert(
    fc.property(place, place, place, width, (a, b, mean, deviation) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b) + 1e-6]
      const mass = integral((x) => normal((x - mean) / deviation) / deviation, from, to, 4000)
      if (mass > 1e-12) near(logMass(from, to, mean, deviation), Math.log(mass), 1e-5)
    }),
    { numRuns: 60 },
  )
})

test('the mass far out has digits on both sides, also where it is too small for a number', () => {
  // P(Z > 10) = 7.61985302416e-24, P(Z > 11) = 1.91065957e-28 (tables of the complementary error function).
  const between = 7.61985302416e-24 - 1.91065957e-28
  near(logMass(10, 11, 0, 1), Math.log(between), 1e-10)
  near(logMass(-11, -10, 0, 1), Math.log(between), 1e-10)
  // ln P(Z > 40) = -804.608442013754 (Mills' ratio's series).
  near(logMass(40, 60, 0, 1), -804.608442013754, 1e-3)
  near(logMass(-60, -40, 0, 1), -804.608442013754, 1e-3)
  assert.equal(logMass(0, 1, 0.5, 0.01), 0)
})

test('far out, too, parts have the mass of the whole together', () => {
  for (const [from, to, mean, deviation] of [
    [0.5, 0.501, 0, 0.01],
    [0.5, 0.50001, 0, 0.01],
    [0.1, 0.102, 0.9, 0.02],
    [0.2, 0.9, 0, 0.005],
  ] as const) {
    const half = (from + to) / 2
    const parts = [logMass(from, half, mean, deviation), logMass(half, to, mean, deviation)]
    const most = Math.max(...parts)
    const together = most + Math.log(parts.reduce((sum, log) => sum + Math.exp(log - most), 0))
    near(together, logMass(from, to, mean, deviation), 2e-3)
  }
})

test('the mass of what is narrow is its width times the density, down to nothing', () => {
  for (const [at, mean, deviation] of [
    [0.3, 0.5, 0.1],
    [0, 1.3433916345509307e-7, 0.005],
    [0.9, 0.1, 0.02],
  ] as const)
    for (const width of [1e-7, 1e-12, 1e-15, 1e-300]) {
      const to = at + width
      const z = (at + (to - at) / 2 - mean) / deviation
      const log = Math.log((to - at) / deviation) - (z * z) / 2 - 0.5 * Math.log(2 * Math.PI)
      if (to === at) assert.equal(logMass(at, to, mean, deviation), Number.NEGATIVE_INFINITY)
      else near(logMass(at, to, mean, deviation), log, 1e-9)
    }
  // From one way of computing to the other without a step.
  const of = (width: number) => logMass(0.6, 0.6 + width, 0.5, 0.01) - Math.log(width)
  near(of(0.99e-7), of(1.01e-7), 1e-6)
})

test('the density that is cut and scaled integrates to one', () => {
  fc.assert(
    fc.property(place, width, (mean, deviation) => {
      const height = Math.exp(logScale(mean, deviation))
      near(
        integral((x) => height * Math.exp(-0.5 * ((x - mean) / deviation) ** 2), 0, 1, 4000),
        1,
        1e-6,
      )
    }),
    { numRuns: 60 },
  )
})

test('the quantile of a share has that share below it, rises, and stays inside', () => {
  fc.assert(
    fc.property(place, place, width, (p, mean, deviation) => {
      const x = quantile(p, mean, deviation)
      assert.ok(x >= 0 && x <= 1)
      const below = Math.exp(logMass(0, Math.max(1e-300, x), mean, deviation) - logMass(0, 1, mean, deviation))
      if (x > 0 && x < 1) near(below, p, 1e-7)
      assert.ok(quantile(Math.min(1, p + 0.01), mean, deviation) >= x)
    }),
  )
})
