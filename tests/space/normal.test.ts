/** The normal distribution against mpmath's erfc with 40 digits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalCdf, normalQuantile } from '../../src/space/index.ts'
import fc from '../laws.ts'

const table: readonly (readonly [number, number])[] = [
  [-37, 5.725571222524577e-300],
  [-20, 2.7536241186062337e-89],
  [-10, 7.619853024160525e-24],
  [-8, 6.220960574271784e-16],
  [-7.2, 3.010627981117434e-13],
  [-7, 1.279812543885835e-12],
  [-5, 2.8665157187919391e-7],
  [-3, 0.001349898031630095],
  [-1, 0.15865525393145705],
  [-0.1, 0.460172162722971],
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [2, 0.97724986805182079],
  [6, 0.9999999990134123],
  [7.5, 0.9999999999999681],
]

test('the distribution has thirteen digits, in the lower tail too', () => {
  for (const [z, p] of table) {
    const got = normalCdf(z)
    assert.ok(Math.abs(got - p) <= 1e-13 * p, `P(Z < ${z}) = ${got}, not ${p}`)
  }
  assert.equal(normalCdf(Number.NEGATIVE_INFINITY), 0)
  assert.equal(normalCdf(Number.POSITIVE_INFINITY), 1)
  assert.equal(normalCdf(-50), 0)
})

test('the quantile is its inverse', () => {
  for (const [z, p] of table) if (z < 5) assert.ok(Math.abs(normalQuantile(p) - z) < 1e-12 * Math.max(1, Math.abs(z)), `quantile of ${p}`)
  fc.assert(
    fc.property(fc.double({ min: 1e-290, max: 1 - 1e-9, noNaN: true }), (p) => {
      assert.ok(Math.abs(normalCdf(normalQuantile(p)) - p) <= 1e-12 * p)
    }),
  )
})

test('the quantile of the ends and of what has hardly any digits', () => {
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY)
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY)
  assert.equal(normalQuantile(0.5), 0)
  assert.ok(normalQuantile(Number.MIN_VALUE) < -38 && normalQuantile(Number.MIN_VALUE) > -39)
  assert.ok(normalQuantile(1 - 2 ** -53) > 8)
})
