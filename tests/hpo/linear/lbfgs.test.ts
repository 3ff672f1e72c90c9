/** Minima that are known. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { minimize } from '../../../src/hpo/linear/lbfgs.ts'
import fc from '../../laws.ts'

const wide = (n: number) => ({ lower: Array(n).fill(-100), upper: Array(n).fill(100) })

test("Rosenbrock's valley is followed to its end", () => {
  const valley = ([a, b]: Float64Array, into: Float64Array) => {
    const bent = b! - a! * a!
    into[0] = -400 * a! * bent - 2 * (1 - a!)
    into[1] = 200 * bent
    return 100 * bent * bent + (1 - a!) ** 2
  }
  const { x, value, calls } = minimize(valley, [-1.2, 1], { ...wide(2), tolerance: 1e-8 })
  assert.ok(Math.abs(x[0]! - 1) < 1e-6 && Math.abs(x[1]! - 1) < 1e-6 && value < 1e-12, `${x}`)
  assert.ok(calls < 120, `${calls} calls`)
})

test('the minimum of a separable parabola in a box is its center, cut to the box', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), (n, seed) => {
      const chance = random(seed)
      const center = Float64Array.from({ length: n }, () => 3 * chance.normal())
      const curvature = Float64Array.from({ length: n }, () => Math.exp(2 * chance.normal()))
      const start = Array.from({ length: n }, () => 5 * chance.normal())
      const parabola = (x: Float64Array, into: Float64Array) =>
        x.reduce((sum, value, i) => {
          into[i] = 2 * curvature[i]! * (value - center[i]!)
          return sum + curvature[i]! * (value - center[i]!) ** 2
        }, 0)
      const box = { lower: Array(n).fill(-1), upper: Array(n).fill(2) }
      const { x } = minimize(parabola, start, { ...box, tolerance: 1e-7 })
      for (let i = 0; i < n; i++) assert.ok(Math.abs(x[i]! - Math.min(2, Math.max(-1, center[i]!))) < 1e-5, `${x} of ${center}`)
    }),
  )
})

test('it never leaves the box, never ends above where it began, and steps back from what is not a number', () => {
  const holed = ([x]: Float64Array, into: Float64Array) => {
    assert.ok(x! >= -2 && x! <= 2)
    into[0] = Math.cos(3 * x!) * 3 + 2 * x!
    return x! > 1.2 ? Number.NaN : Math.sin(3 * x!) + x! * x!
  }
  for (let start = -2; start <= 1.2; start += 0.1) {
    const begin = holed(Float64Array.of(start), new Float64Array(1))
    const { value, x } = minimize(holed, [start], { lower: [-2], upper: [2] })
    assert.ok(value <= begin && x[0]! <= 1.2)
  }
})
