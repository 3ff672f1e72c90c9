/** Eigenvalues against what defines them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { symmetricEigen } from '../../../src/hpo/linear/eigen.ts'
import fc from '../../laws.ts'

const sorted = (values: Float64Array) => [...values].sort((a, b) => a - b)

test('known ones', () => {
  assert.deepEqual(sorted(symmetricEigen([2, 0, 0, 3], 2).values), [2, 3])
  const [low, high] = sorted(symmetricEigen([2, 1, 1, 2], 2).values) as [number, number]
  assert.ok(Math.abs(low - 1) < 1e-15 && Math.abs(high - 3) < 1e-15)
  assert.deepEqual([...symmetricEigen([5], 1).vectors], [1])
  assert.equal(symmetricEigen([], 0).values.length, 0)
  // The second difference's: 2 - 2 cos(k pi / (n + 1)).
  const n = 30
  const second = Array.from({ length: n * n }, (_, at) => [2, -1][Math.abs(Math.floor(at / n) - (at % n))] ?? 0)
  sorted(symmetricEigen(second, n).values).forEach((value, k) => {
    assert.ok(Math.abs(value - (2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)))) < 1e-13)
  })
})

test('V diag(values) V^T is the matrix, and the columns of V are orthonormal, at any scale', () => {
  const matrices = fc
    .integer({ min: 1, max: 8 })
    .chain((n) =>
      fc.tuple(
        fc.constant(n),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n }),
        fc.integer({ min: -120, max: 120 }),
      ),
    )
  fc.assert(
    fc.property(matrices, ([n, numbers, power]) => {
      const at = (i: number, j: number) => numbers[Math.min(i, j) * n + Math.max(i, j)]! * 10 ** power
      const { values, vectors } = symmetricEigen(
        numbers.map((x) => x * 10 ** power),
        n,
      )
      const scale = 10 ** power * n
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let [entry, product] = [0, 0]
          for (let k = 0; k < n; k++) {
            entry += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!
            product += vectors[k * n + i]! * vectors[k * n + j]!
          }
          assert.ok(Math.abs(entry - at(i, j)) <= 1e-14 * scale, `${entry} instead of ${at(i, j)}`)
          assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-13)
        }
      }
    }),
  )
})

test('it ends where numbers are none', () => {
  assert.ok(Number.isNaN(symmetricEigen([1, Number.NaN, Number.NaN, 1], 2).values[0]))
})
