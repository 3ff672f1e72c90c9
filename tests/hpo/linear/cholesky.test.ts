/** Factors, solutions and inverses against the products they promise. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, random } from '../../../src/core/random.ts'
import {
  appendRow,
  cholesky,
  inverse,
  type Lower,
  logDeterminant,
  solveLower,
  solveLowerFour,
  solveUpper,
} from '../../../src/hpo/linear/cholesky.ts'
import fc from '../../laws.ts'

const sizeAndSeed = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 0, max: 1e6 }))

/** G G^T + I, which is positive definite. */
function definite(n: number, chance: Random): number[][] {
  const g = Array.from({ length: n }, () => Array.from({ length: n }, () => chance.normal()))
  return g.map((x, i) => g.map((y, j) => x.reduce((sum, value, k) => sum + value * y[k]!, i === j ? 1 : 0)))
}
const flat = (rows: number[][], stride = rows.length) => {
  const values = new Float64Array(rows.length * stride)
  for (const [i, row] of rows.entries()) values.set(row, i * stride)
  return values
}
const at = ({ values, stride }: Lower, i: number, j: number) => (j > i ? 0 : values[i * stride + j]!)
const near = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`)

test('the factor times its transpose is the matrix, whatever the stride', () => {
  fc.assert(
    fc.property(sizeAndSeed, fc.integer({ min: 0, max: 5 }), ([n, seed], room) => {
      const a = definite(n, random(seed))
      const lower = cholesky(flat(a, n + room), n, n + room)!
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0
          for (let k = 0; k < n; k++) sum += at(lower, i, k) * at(lower, j, k)
          near(sum, a[i]![j]!)
        }
      }
    }),
  )
})

test('a matrix that is not positive definite has none', () => {
  assert.equal(cholesky(Float64Array.of(1, 2, 2, 1), 2), undefined)
  assert.equal(cholesky(Float64Array.of(0), 1), undefined)
  assert.equal(cholesky(Float64Array.of(Number.NaN), 1), undefined)
  assert.equal(appendRow(cholesky(Float64Array.of(1), 1)!, [2, 1]), undefined)
})

test('a factor that grows row by row has the bits of one made at once', () => {
  fc.assert(
    fc.property(sizeAndSeed, fc.nat({ max: 18 }), ([n, seed], from) => {
      const a = definite(n, random(seed))
      const whole = cholesky(flat(a), n)!
      const start = Math.min(n, Math.max(1, from))
      let grown: Lower = cholesky(flat(a.slice(0, start).map((row) => row.slice(0, start))), start)!
      for (let i = start; i < n; i++) grown = appendRow(grown, a[i]!.slice(0, i + 1))!
      assert.equal(grown.size, n)
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) assert.equal(at(grown, i, j), at(whole, i, j))
    }),
  )
})

test('triangular systems are solved, one or four at a time', () => {
  fc.assert(
    fc.property(sizeAndSeed, ([n, seed]) => {
      const chance = random(seed)
      const lower = cholesky(flat(definite(n, chance)), n)!
      const sides = Array.from({ length: 4 }, () => Float64Array.from({ length: n }, () => chance.normal()))
      const four = Float64Array.from({ length: 4 * n }, (_, k) => sides[k % 4]![Math.floor(k / 4)]!)
      solveLowerFour(lower, four)
      for (const [b, side] of sides.entries()) {
        const x = solveLower(lower, side.slice())
        const y = solveUpper(lower, side.slice())
        for (let i = 0; i < n; i++) {
          near(four[4 * i + b]!, x[i]!)
          let [down, up] = [0, 0]
          for (let k = 0; k < n; k++) {
            down += at(lower, i, k) * x[k]!
            up += at(lower, k, i) * y[k]!
          }
          near(down, side[i]!, 1e-7)
          near(up, side[i]!, 1e-7)
        }
      }
    }),
  )
})

test('the inverse times the matrix is one, and the determinant is the product of the squared diagonal', () => {
  fc.assert(
    fc.property(sizeAndSeed, ([n, seed]) => {
      const a = definite(n, random(seed))
      const lower = cholesky(flat(a), n)!
      const inverted = inverse(lower)
      const of = (i: number, j: number) => inverted[Math.max(i, j) * n + Math.min(i, j)]!
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0
          for (let k = 0; k < n; k++) sum += a[i]![k]! * of(k, j)
          near(sum, i === j ? 1 : 0, 1e-7)
        }
      }
      let product = 1
      for (let i = 0; i < n; i++) product *= at(lower, i, i) ** 2
      near(logDeterminant(lower), Math.log(product))
    }),
  )
})
