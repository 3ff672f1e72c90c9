import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { compileWat } from '../../../scripts/compile-wat.ts'
import { random } from '../../../src/core/random.ts'
import { type Kernel, kernelOn } from '../../../src/trees/boosting/kernel/kernel.ts'
import { kernelModule } from '../../../src/trees/boosting/kernel/module.ts'
import { fixed } from '../../../src/trees/boosting/kernel/places.ts'
import { webAssembly } from '../../../src/trees/webAssembly.ts'
import { referenceOn } from './reference.ts'

const folder = resolve(import.meta.dirname, '../../../src/trees/boosting/kernel')

test('the module that is checked in is made of the text that is checked in', async () => {
  const made = await compileWat('kernel.wat', readFileSync(join(folder, 'kernel.wat'), 'utf8'))
  assert.equal(readFileSync(join(folder, 'kernel.generated.ts'), 'utf8'), made)
})

const rows = 302
const at = {
  rows: 32_768,
  bins: 36_864,
  gh: 40_960,
  y: 49_152,
  w: 53_248,
  scores: 57_344,
  hist: 98_304,
  other: 131_072,
  out: 150_000 & ~15,
  table: 152_000,
  left: 153_600,
  right: 155_648,
  scratch: 159_744,
  records: 170_000 & ~15,
  active: 171_000,
  node: 172_000 & ~15,
}
const shift = 50n

/** Two memories with the same chance in them: what kernels and their twins do to each is to be the same. */
function pair(seed: number) {
  const make = () => new webAssembly.Memory({ initial: 3, maximum: 3, shared: true })
  const [a, b] = [make(), make()]
  const chance = random(seed)
  const view = new DataView(a.buffer)
  const places = chance.shuffle(Array.from({ length: rows }, (_, k) => k)).slice(0, 251)
  for (const [k, row] of places.entries()) view.setInt32(at.rows + 4 * k, row, true)
  for (let k = 0; k < rows * 4; k++) view.setUint8(at.bins + k, Math.floor(chance.uniform() ** 3 * 256))
  for (let k = 0; k < rows; k++) {
    view.setInt32(at.gh + 8 * k, Math.round(chance.normal() * 2 ** 28), true)
    view.setInt32(at.gh + 8 * k + 4, Math.round(chance.uniform() * 2 ** 28), true)
    view.setFloat64(at.y + 8 * k, chance.int(5), true)
    view.setFloat64(at.w + 8 * k, chance.uniform() * 3, true)
  }
  for (let k = 0; k < rows * 5; k++) view.setFloat64(at.scores + 8 * k, chance.normal() * 5 ** chance.int(5), true)
  for (let k = 0; k < 256; k++) view.setUint8(at.table + k, chance.int(2) * 4)
  view.setFloat64(fixed.gradientUnit, 2 ** -28, true)
  view.setFloat64(fixed.hessianUnit, 2 ** -28, true)
  view.setFloat64(fixed.l2, seed % 2 ? 0 : 0.7, true)
  view.setFloat64(fixed.minHessian, 1e-3, true)
  view.setBigInt64(fixed.minRows, BigInt(1 + (seed % 5)), true)
  view.setBigInt64(fixed.shift, shift, true)
  new Uint8Array(b.buffer).set(new Uint8Array(a.buffer))
  return { a, b, view, chance, count: places.length }
}

/** Does the same with the kernels and with their twins, and compares all of memory. */
function same(seed: number, act: (kernel: Kernel, count: number) => unknown, prepare?: (set: ReturnType<typeof pair>) => void): void {
  const set = pair(seed)
  prepare?.(set)
  const kernel = kernelOn(set.a, kernelModule())
  new Uint8Array(set.b.buffer).set(new Uint8Array(set.a.buffer))
  const got = act(kernel, set.count)
  const want = act(referenceOn(set.b.buffer) as unknown as Kernel, set.count)
  assert.deepEqual(got, want)
  assert.equal(Buffer.compare(Buffer.from(set.a.buffer), Buffer.from(set.b.buffer)), 0, `memories differ with seed ${seed}`)
}

const seeds = [1, 2, 3, 4, 5, 6]

test('histograms, their sums and differences are those of the twin', () => {
  for (const seed of seeds)
    same(seed, (kernel, count) => {
      const [h0, h1, h2, h3] = [0, 1, 2, 3].map((k) => at.hist + 4096 * k) as [number, number, number, number]
      kernel.hist4(at.rows, count, at.bins, at.gh, 1n << shift, h0, h1, h2, h3)
      kernel.hist1(at.rows, count >> 1, at.bins + 2, at.gh, 1n << shift, at.other)
      kernel.hist2(at.rows, count, at.bins, at.gh, 1n << shift, at.other, h0)
      kernel.subtract(h2, at.other, 4096)
      kernel.add(h1, at.other, 4096)
      kernel.total(h3, 256, at.out)
      kernel.hist1(at.rows, 0, at.bins, at.gh, 1n << shift, h0)
    })
})

test('rows are parted, in place too, and scores raised, as by the twin', () => {
  for (const seed of seeds)
    same(seed, (kernel, count) => {
      const apart = kernel.part(at.rows, count, at.bins + 1, at.table, at.left, at.right)
      kernel.raise(at.left, apart, at.scores, 0.3)
      kernel.raise(at.right, count - apart, at.scores, -1.7)
      kernel.copy(at.other, at.right, (count - apart) * 4)
      const again = kernel.part(at.rows, count, at.bins + 1, at.table, at.rows, at.right)
      // Behind the parts there is rubbish.
      for (const [begin, used] of [
        [at.left, apart],
        [at.right, count - apart],
        [at.rows, apart],
      ] as const)
        kernel.fill(begin + used * 4, (count - used) * 4)
      return [apart, again]
    })
})

test('gradients of the log losses are those of the twin', () => {
  for (const seed of seeds) {
    same(seed, (kernel) => {
      kernel.softmax(at.scores, rows * 8, 5, at.hist, rows * 8, at.y, at.w, 10, 300, 2 ** 28, 2 ** 27, at.scratch)
      kernel.fill(at.scratch, 80)
    })
    same(seed, (kernel) => {
      kernel.squared(at.scores, at.hist, at.y, at.w, 2, 298, 2 ** 14, 2 ** 27)
      kernel.squaredLargest(at.scores, at.y, at.w, 4, 296, at.out)
    })
    same(seed, (kernel) => kernel.logistic(at.scores, at.hist, at.y, at.w, 0, rows, 2 ** 26, 2 ** 27))
  }
})

test('the twin of exp is exp, within 1e-11 of it', () => {
  const { exp } = referenceOn(pair(1).b.buffer)
  const chance = random(3)
  for (let k = 0; k < 2000; k++) {
    const x = chance.normal() * 10 ** (chance.int(5) - 2)
    if (Math.abs(x) > 700) continue
    assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) <= 1e-11, `exp(${x})`)
  }
})

test('the best split is that of the twin: alone and sharing bundles, with and without missing values', () => {
  for (let seed = 1; seed <= 40; seed++)
    same(
      seed,
      (kernel, count) => {
        kernel.hist4(at.rows, count, at.bins, at.gh, 1n << shift, at.hist, at.hist + 4096, at.hist + 8192, at.hist + 12_288)
        kernel.total(at.hist, 256, at.node)
        kernel.best(at.hist, at.records, at.records + 32 * 6, at.active, at.node, at.scratch, at.out)
        // Its scratch is its own.
        kernel.fill(at.scratch, 257 * 16)
      },
      ({ view, chance }) => {
        view.setFloat64(at.out, -1, true)
        const records = [
          [0, 256, -1, 0],
          [4096, 256, -1, 1],
          [8192, 100, 30, 0],
          [8192 + 16 * 100, 60, 59, 1],
          [12_288 + 16, 2, 0, 0],
          [12_288 + 32, 2, 1, 0],
        ]
        for (const [k, record] of records.entries()) {
          for (const [word, value] of record.entries()) view.setInt32(at.records + 32 * k + 4 * word, value, true)
          view.setInt32(at.records + 32 * k + 16, 5 - k, true)
          view.setInt32(at.records + 32 * k + 20, chance.int(8) === 0 ? 1 : 0, true)
          view.setUint8(at.active + k, chance.int(4) === 0 ? 0 : 1)
        }
      },
    )
})
