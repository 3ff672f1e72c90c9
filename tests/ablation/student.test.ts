/** Student's t against closed forms and printed tables. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { incompleteBeta, logGamma, studentQuantile, studentTail } from '../../src/ablation/student.ts'
import fc from '../laws.ts'

const near = (got: number, want: number, within: number) =>
  assert.ok(Math.abs(got - want) <= within * Math.max(1, Math.abs(want)), `${got} is not ${want}`)

suite('student', () => {
  test('closed forms for 1, 2 and 4 degrees', () => {
    for (let i = 1; i < 1000; i++) {
      const p = 0.5 + i / 2001
      near(studentQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-9)
      near(studentQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-9)
      // W. T. Shaw: Sampling Student's t distribution (2006)
      const alpha = 4 * p * (1 - p)
      near(studentQuantile(p, 4), 2 * Math.sqrt(Math.cos(Math.acos(Math.sqrt(alpha)) / 3) / Math.sqrt(alpha) - 1), 1e-9)
    }
  })

  test('the tables of 95 % and 99 % intervals', () => {
    const table: Readonly<Record<number, readonly [number, number]>> = {
      1: [12.7062047362, 63.6567411629],
      2: [4.3026527297, 9.9248432009],
      3: [3.1824463053, 5.8409093097],
      4: [2.7764451052, 4.6040948713],
      5: [2.5705818356, 4.0321429836],
      6: [2.4469118511, 3.7074280213],
      7: [2.3646242516, 3.4994832974],
      8: [2.3060041352, 3.3553873313],
      9: [2.2621571628, 3.2498355416],
      10: [2.228138852, 3.1692726726],
      20: [2.0859634473, 2.84533971],
      30: [2.0422724563, 2.7499956536],
      60: [2.0002978211, 2.6602830289],
      120: [1.9799304051, 2.6174211454],
    }
    for (const [degrees, [p95, p99]] of Object.entries(table)) {
      near(studentQuantile(0.975, Number(degrees)), p95, 1e-8)
      near(studentQuantile(0.995, Number(degrees)), p99, 1e-8)
    }
    // Far out, the normal quantile z + (z^3 + z) / (4 degrees).
    const z = 1.959963984540054
    near(studentQuantile(0.975, 1e5), z + (z ** 3 + z) / 4e5, 1e-9)
  })

  test('quantile and tail undo each other, are symmetric, and fall with more degrees', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.499, noNaN: true }), fc.double({ min: 0.5, max: 300, noNaN: true }), (tail, degrees) => {
        const t = studentQuantile(1 - tail, degrees)
        near(studentTail(t, degrees) / tail, 1, 1e-8)
        assert.equal(studentQuantile(tail, degrees), -studentQuantile(1 - tail, degrees))
        near(studentTail(-t, degrees) + studentTail(t, degrees), 1, 1e-14)
        assert.ok(studentQuantile(1 - tail, degrees + 1) < t)
      }),
    )
    assert.equal(studentQuantile(0.5, 3), 0)
    assert.deepEqual([studentQuantile(1, 3), studentQuantile(0, 3)], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    for (const [p, degrees] of [[2, 3], [0.9, 0], [Number.NaN, 3]] as const) assert.ok(Number.isNaN(studentQuantile(p, degrees))) // biome-ignore format: one line
  })

  test('what it is made of: gamma of halves, beta of whole numbers', () => {
    let factorial = 1
    for (let n = 1; n < 20; n++) {
      near(logGamma(n), Math.log(factorial), 1e-13)
      factorial *= n
    }
    near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-14)
    near(logGamma(0.25), 1.2880225246980774, 1e-13)
    for (const x of [0, 0.01, 0.3, 0.5, 0.9, 1]) {
      near(incompleteBeta(x, 1, 1), x, 1e-14)
      near(incompleteBeta(x, 3, 1), x ** 3, 1e-14)
      near(incompleteBeta(x, 2, 2), 3 * x ** 2 - 2 * x ** 3, 1e-14)
    }
  })
})
