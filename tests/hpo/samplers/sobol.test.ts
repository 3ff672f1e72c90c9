/** Sobol's sequence: its numbers are those of the paper, scrambled points are even, and each trial's point follows from its number. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { samplers } from '../../../src/hpo/index.ts'
import { beginnings } from '../../../src/hpo/sobol/directions.ts'
import { mostDimensions, plainSobol, sobolSequence } from '../../../src/hpo/sobol/sequence.ts'
import { blankStudy, playStudy } from '../../../src/hpo/testing/play.ts'
import { dimensions as d, searchSpace } from '../../../src/space/index.ts'

/** `new-joe-kuo-6`: first points of dimensions 1 to 8, in Gray code's order. */
const printed = [
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75],
  [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25],
  [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875],
  [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375],
  [0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125, 0.125],
  [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625],
]

test('without scrambling the points are those of the paper', () => {
  const gray = printed.map((_, i) => i ^ (i >> 1))
  for (let j = 0; j < 8; j++) {
    const at = plainSobol(j)
    assert.deepEqual(
      gray.map(at),
      printed.map((row) => row[j]),
    )
  }
})

test("the table is whole: all 128 dimensions have Sobol's property A, which one wrong number breaks", () => {
  // The first binary digits of the first 128 direction numbers of 128 dimensions: a matrix that must be invertible over two elements.
  const n = mostDimensions
  const rows = Array.from({ length: n }, (_, j) => firstDigits(j, n))
  let rank = 0
  for (let column = 0; column < n; column++) {
    const bit = 1n << BigInt(column)
    const pivot = rows.findIndex((row, i) => i >= rank && row & bit)
    assert.ok(pivot >= 0, `the first ${column + 1} numbers are dependent`)
    ;[rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!]
    for (let i = 0; i < n; i++) if (i !== rank && rows[i]! & bit) rows[i]! ^= rows[rank]!
    rank++
  }
  assert.equal(rank, n)
})

test('beginnings are odd, below 2^k, and their polynomials differ', () => {
  assert.equal(beginnings.length, 127)
  for (const { m } of beginnings) for (const [k, number] of m.entries()) assert.ok(number % 2 === 1 && number < 2 ** (k + 1))
  assert.equal(new Set(beginnings.map(({ coefficients, m }) => `${m.length} ${coefficients}`)).size, 127)
})

test('every 2^k points of each dimension lie one in each of 2^k intervals, scrambled or not', () => {
  for (const seed of [1, 2]) {
    const at = sobolSequence(mostDimensions, random(seed))
    for (const [from, n] of [
      [0, 64],
      [64, 64],
      [128, 128],
      [1024, 16],
    ] as const) {
      const points = Array.from({ length: n }, (_, i) => at(from + i))
      for (let j = 0; j < mostDimensions; j++) assert.equal(new Set(points.map((point) => Math.floor(point[j]! * n))).size, n)
    }
  }
})

test('the first two dimensions fill every box of equal area once', () => {
  const at = sobolSequence(2, random(5))
  const points = Array.from({ length: 256 }, (_, i) => at(i))
  for (let k = 0; k <= 8; k++) {
    const [wide, high] = [2 ** k, 2 ** (8 - k)]
    assert.equal(new Set(points.map(([x, y]) => `${Math.floor(x! * wide)} ${Math.floor(y! * high)}`)).size, 256)
  }
})

test('each scrambled point is uniform over seeds, and seeds do not look alike', () => {
  const firsts = Array.from({ length: 2000 }, (_, seed) => sobolSequence(2, random(seed))(0))
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
  for (const j of [0, 1]) {
    assert.ok(Math.abs(mean(firsts.map((p) => p[j]!)) - 0.5) < 0.03)
    assert.ok(Math.abs(mean(firsts.map((p) => p[j]! ** 2)) - 1 / 3) < 0.03)
  }
  assert.ok(Math.abs(mean(firsts.map((p) => (p[0]! - 0.5) * (p[1]! - 0.5))) * 12) < 0.1)
})

test('a mean over its points is nearer than over points of chance, ten times at least', () => {
  const f = (x: ArrayLike<number>) =>
    Array.from(x).reduce((product, u) => product * (1 + 0.5 * (Math.sin(Math.PI * u) * (Math.PI / 2) - 1)), 1)
  const errors = (point: (seed: number, i: number) => ArrayLike<number>) => {
    const squares = Array.from({ length: 8 }, (_, seed) => {
      let sum = 0
      for (let i = 0; i < 1024; i++) sum += f(point(seed, i))
      return (sum / 1024 - 1) ** 2
    })
    return Math.sqrt(squares.reduce((a, b) => a + b) / squares.length)
  }
  const sequences = Array.from({ length: 8 }, (_, seed) => sobolSequence(6, random(seed)))
  const even = errors((seed, i) => sequences[seed]!(i))
  const drawn = errors((seed, i) => Array.from({ length: 6 }, (_, j) => random(seed).fork(i, j).uniform()))
  assert.ok(even * 10 < drawn, `${even} against ${drawn}`)
})

test('a trial has its point by its number alone, whatever was asked or told before', () => {
  const space = searchSpace(
    { x: d.uniform(0, 1), n: d.int(1, 9), c: d.choice(['a', 'b']), one: d.fixed(1) },
    { constraint: ({ x, n }) => Number(x) * Number(n) < 2 },
  )
  const begin = () => samplers.sobol().begin({ space, objectives: 1, trials: 50, workers: 1 }, random(3))
  const study = blankStudy()
  const one = begin()
  const forth = Array.from({ length: 50 }, (_, number) => one.ask(number, study))
  const other = begin()
  const back = Array.from({ length: 50 }, (_, number) => other.ask(49 - number, study)).reverse()
  assert.deepEqual(back, forth)
  assert.equal(new Set(forth.map((ask) => JSON.stringify(ask))).size, 50)
})

test('too many dimensions and constraints that cannot be met are refused', () => {
  const of = (n: number) =>
    searchSpace({ ...Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, d.uniform(0, 1)])), one: d.fixed(1) })
  const play = (space: ReturnType<typeof of>) => playStudy({ sampler: samplers.sobol(), space, trials: 3, objective: () => 0 })
  assert.equal(play(of(128)).study.ended.length, 3)
  assert.throws(() => play(of(129)), { code: 'SAMPLER_UNFIT', message: /its sequence has 128 dimensions, and the space 129\. Use random/ })
  assert.throws(() => play(searchSpace({ x: d.uniform(0, 1) }, { constraint: () => false })), { code: 'SPACE_UNSATISFIABLE' })
})

/** Bit k: the first binary digit of v_(k+1), that is bit k of m_(k+1), by the recurrence in whole numbers of any length. */
function firstDigits(dimension: number, n: number): bigint {
  const begin = beginnings[dimension - 1]
  const m: bigint[] = []
  for (let k = 0; k < n; k++) {
    if (!begin) m.push(1n)
    else if (k < begin.m.length) m.push(BigInt(begin.m[k]!))
    else {
      const s = begin.m.length
      let next = m[k - s]! ^ (m[k - s]! << BigInt(s))
      for (let i = 1; i < s; i++) if ((begin.coefficients >> (s - 1 - i)) & 1) next ^= m[k - i]! << BigInt(i)
      m.push(next)
    }
  }
  return m.reduce((row, number, k) => row | (((number >> BigInt(k)) & 1n) << BigInt(k)), 0n)
}
