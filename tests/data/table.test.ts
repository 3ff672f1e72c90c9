import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type Table, table, validate } from '../../src/data/index.ts'
import fc from '../laws.ts'
import { numbers, says, valuesOf } from './helpers.ts'

/** Row i has id i, label i mod classes, and a vector of `width` numbers that begin with i. */
function numbered(rows: number, classes = 3, width = 3): Table {
  return table({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    x: {
      dtype: 'float32',
      shape: [width],
      data: Float32Array.from({ length: rows * width }, (_, i) => Math.floor(i / width) + (i % width) / 16),
    },
    y: {
      dtype: 'int32',
      shape: [],
      classes: Array.from({ length: classes }, (_, c) => `c${c}`),
      data: Int32Array.from({ length: rows }, (_, i) => i % classes),
    },
  })
}
const ids = (of: Table) => numbers(of, 'id')
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b)
const sizes = fc.integer({ min: 1, max: 300 })

test('a table of plain values infers types, shapes and classes', () => {
  const t = table({
    x: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    y: ['b', 'a', 'b'],
  })
  assert.deepEqual(t.fields, { x: { dtype: 'float32', shape: [2] }, y: { dtype: 'int32', shape: [], classes: ['a', 'b'] } })
  assert.deepEqual(numbers(t, 'y'), [1, 0, 1])
  assert.deepEqual([t.inputs, t.target, t.length], [['x'], 'y', 3])
  assert.equal(table({ x: [0.5], y: [2] }).fields.y?.dtype, 'int32')
  assert.equal(table({ x: [0.5], y: [2.5] }).fields.y?.dtype, 'float32')
  assert.equal(table({ x: [true, false] }).fields.x?.dtype, 'bool')
})

test('batches in order are the rows in order; the last may be short', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 70 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (rows, batchSize, dropLast, width) => {
        const seen: number[] = []
        for (const batch of numbered(rows, 3, width).batches({ batchSize, dropLast })) {
          assert.deepEqual(batch.columns.x?.shape, [batch.size, width])
          assert.equal(batch.columns.x?.data.length, batch.size * width)
          const x = numbers(batch, 'x')
          numbers(batch, 'id').forEach((id, r) => {
            for (let k = 0; k < width; k++) assert.equal(x[r * width + k], id + k / 16)
          })
          seen.push(...numbers(batch, 'id'))
        }
        assert.deepEqual(seen, range(dropLast ? rows - (rows % batchSize) : rows))
      },
    ),
  )
})

test('shuffled batches have every row once, and the same state gives the same order', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 70 }), fc.integer(), async (rows, batchSize, seed) => {
      const t = numbered(rows)
      const first = await valuesOf(t, 'id', { batchSize, shuffle: random(seed) })
      assert.deepEqual(sorted(first.flat()), range(rows))
      assert.deepEqual(await valuesOf(t, 'id', { batchSize, shuffle: random(seed) }), first)
      assert.deepEqual(await valuesOf(t.take(range(rows)), 'id', { batchSize, shuffle: random(seed) }), first)
    }),
  )
  const one = random(1)
  const t = numbered(100)
  assert.notDeepEqual(await valuesOf(t, 'id', { batchSize: 100, shuffle: one }), await valuesOf(t, 'id', { batchSize: 100, shuffle: one }))
})

test('wide rows move together with their ids when shuffled', () => {
  for (const width of [1, 2, 31, 32, 33, 512, 600]) {
    for (const batch of numbered(70, 3, width).batches({ batchSize: 32, shuffle: random(width) })) {
      const x = numbers(batch, 'x')
      numbers(batch, 'id').forEach((id, r) => {
        for (let k = 0; k < width; k++) assert.equal(x[r * width + k], Math.fround(id + k / 16))
      })
    }
  }
})

test('skip gives exactly the batches that would have come', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 20 }), async (rows, batchSize, skip) => {
      const options = { batchSize, shuffle: random(rows) }
      const all = await valuesOf(numbered(rows), 'x', options)
      assert.deepEqual(await valuesOf(numbered(rows), 'x', { batchSize, shuffle: random(rows), skip }), all.slice(skip))
    }),
  )
})

test('full batches are one object filled anew, and iterating twice gives the same', () => {
  const batches = numbered(64).batches({ batchSize: 16, shuffle: random(3) })
  const [objects, first, second] = [new Set(), [] as number[], [] as number[]]
  for (const batch of batches) {
    objects.add(batch.columns.x?.data)
    first.push(...numbers(batch, 'id'))
  }
  for (const batch of batches) second.push(...numbers(batch, 'id'))
  assert.equal(objects.size, 1)
  assert.deepEqual(second, first)
})

test('the order of a shuffle is uniform', () => {
  // 24 orders of 4 rows, 24,000 draws: chi-square with 23 degrees of freedom stays below 60 (p < 0.0001).
  const counts = new Map<string, number>()
  const chance = random('uniform')
  const t = numbered(4)
  for (let i = 0; i < 24_000; i++) {
    const order = ids(t.shuffle(chance)).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  assert.equal(counts.size, 24)
  assert.ok(chi < 60, `chi-square ${chi}`)
})

test('take, slice and views of views are rows of rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 50 }),
      fc.nat(60),
      fc.nat(60),
      (rows, picks, a, b) => {
        const picked = picks.map((pick) => pick % rows)
        const view = numbered(rows).take(picked)
        assert.deepEqual(ids(view), picked)
        assert.deepEqual(ids(view.slice(a, b)), picked.slice(a, b))
        assert.deepEqual(ids(numbered(rows).slice(-a, b)), range(rows).slice(-a, b))
        const again = view.take(range(view.length).reverse())
        assert.deepEqual(ids(again), [...picked].reverse())
        assert.deepEqual(
          numbers(again, 'y'),
          ids(again).map((id) => id % 3),
        )
      },
    ),
  )
  assert.throws(() => numbered(5).take([5]), says('BAD_OPTION', 'row', '5'))
})

test('a slice shares memory with its table', () => {
  const t = numbered(10)
  assert.equal(t.slice(2, 4).columns.x?.data.buffer, t.columns.x?.data.buffer)
})

test('split: both parts together are all rows; shares of labels are kept', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 300 }), fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.integer(), (rows, share, seed) => {
      const t = numbered(rows)
      const { train, test: held } = t.split({ test: share, stratify: 'y', seed })
      assert.deepEqual(sorted([...ids(train), ...ids(held)]), range(rows))
      assert.equal(held.length, Math.round(rows * share))
      const all = t.classCounts()
      for (const [c, count] of held.classCounts().entries()) assert.ok(Math.abs(count - ((all[c] ?? 0) * held.length) / rows) < 1)
      assert.deepEqual(ids(t.split({ test: share, stratify: 'y', seed }).test), ids(held))
    }),
  )
  const { train, test: late } = numbered(10).split({ test: 3, shuffle: false })
  assert.deepEqual([ids(train), ids(late)], [range(7), [7, 8, 9]])
  assert.notDeepEqual(ids(numbered(50).split({ test: 10, seed: 1 }).test), ids(numbered(50).split({ test: 10, seed: 2 }).test))
  assert.throws(() => numbered(4).split({ test: 0.01 }), says('DATA_SPLIT', '4 rows'))
  assert.throws(() => numbered(4).split({ test: 2, stratify: 'z' }), says('COLUMN_UNKNOWN', "'z'"))
  assert.throws(() => numbered(4).split({ test: 2, stratify: 'x' }), says('DTYPE_MISMATCH', "'x'"))
})

test('k folds test every row once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 200 }), fc.integer({ min: 2, max: 12 }), fc.boolean(), (rows, k, stratify) => {
      const folds = numbered(rows).kfold(k, { seed: rows, ...(stratify ? { stratify: 'y' } : {}) })
      assert.equal(folds.length, k)
      assert.deepEqual(sorted(folds.flatMap((fold) => ids(fold.test))), range(rows))
      for (const fold of folds) {
        assert.deepEqual(sorted([...ids(fold.train), ...ids(fold.test)]), range(rows))
        assert.ok(Math.abs(fold.test.length - rows / k) < 1)
        if (!stratify) continue
        for (const [c, count] of fold.test.classCounts().entries()) assert.ok(Math.abs(count - Math.ceil((rows - c) / 3) / k) < 1)
      }
    }),
  )
  assert.throws(() => numbered(3).kfold(4), says('DATA_SPLIT', '4 folds'))
})

test('class weights make the classes count the same', () => {
  const t = table({ x: [1, 2, 3, 4], y: { dtype: 'int32', shape: [], classes: ['a', 'b', 'c'], data: Int32Array.of(0, 0, 0, 2) } })
  assert.deepEqual([...t.classCounts()], [3, 0, 1])
  assert.deepEqual([...t.classWeights()], [Math.fround(4 / 9), 0, Math.fround(4 / 3)])
})

test('map sees logical values and gives them', () => {
  const bytes = table({ x: { dtype: 'uint8', shape: [2], scale: 1 / 255, offset: 0.5, data: Uint8Array.of(0, 255, 51, 102) }, y: [0, 1] })
  const seen: number[][] = []
  const mapped = bytes.map((row) => {
    seen.push(Array.from(row.x as Float32Array))
    return { x: row.x as Float32Array, y: row.y as number, sum: (row.x as Float32Array).reduce((a, b) => a + b, 0) }
  })
  assert.deepEqual(seen[0], [0.5, 1.5])
  assert.deepEqual(mapped.fields, {
    x: { dtype: 'float32', shape: [2] },
    y: { dtype: 'int32', shape: [] },
    sum: { dtype: 'float32', shape: [] },
  })
  assert.deepEqual(numbers(mapped, 'x'), [0.5, 1.5, Math.fround(0.7), Math.fround(0.9)])
  assert.deepEqual(ids(numbered(10).filter((row) => (row.id as number) % 2 === 1)), [1, 3, 5, 7, 9])
})

test('select and without cut columns, features and one-hot groups', () => {
  const t = table({
    x: { dtype: 'float32', shape: [4], names: ['age', 'job=a', 'job=b', 'hours'], data: Float32Array.of(1, 0, 1, 2, 3, 1, 0, 4) },
    z: [7, 8],
    y: [0, 1],
  })
  const without = t.without('job')
  assert.deepEqual(without.fields.x, { dtype: 'float32', shape: [2], names: ['age', 'hours'] })
  assert.deepEqual(numbers(without, 'x'), [1, 2, 3, 4])
  assert.deepEqual(without.inputs, ['x', 'z'])
  assert.deepEqual(t.without('z', 'job=a', 'age').fields.x?.names, ['job=b', 'hours'])
  const only = t.select('age')
  assert.deepEqual([only.inputs, only.fields.x?.names, only.target], [['x'], ['age'], 'y'])
  assert.deepEqual(t.select('x').inputs, ['x'])
  assert.deepEqual(t.take([1]).without('job').columns.x?.data, Float32Array.of(3, 4))
  assert.throws(() => t.without('jobs'), says('COLUMN_UNKNOWN', "'jobs'", "'job'"))
})

test('concat is the rows of one after those of the other', () => {
  const t = numbered(9)
  assert.deepEqual(ids(t.slice(0, 4).concat(t.slice(4, 5), t.take([8, 5]))), [0, 1, 2, 3, 4, 8, 5])
  assert.throws(() => t.concat(numbered(9, 4)), says('SHAPE_MISMATCH', "'y'"))
  assert.throws(() => t.concat(table({ x: [1], y: [0] })), says('COLUMN_UNKNOWN', "'id'"))
})

test('wrong values are told with column, row and value', async () => {
  const labels = (data: number[]) => ({ dtype: 'int32', shape: [], classes: ['a', 'b'], data: Int32Array.from(data) }) as const
  assert.throws(() => table({ x: [1, Number.NaN] }), says('VALUE_NOT_FINITE', 'row 2', "'x'", 'NaN'))
  assert.throws(() => table({ x: [[1, 2], [1, -1 / 0]] }), says('VALUE_NOT_FINITE', 'row 2', '-Infinity')) // biome-ignore format: one line
  assert.equal(table({ x: [Number.NaN] }, { allowNotFinite: true }).length, 1)
  assert.throws(() => table({ x: [1, 2], y: labels([1, 2]) }), says('LABEL_OUTSIDE', 'row 2', "'y'", '2', '0 to 1'))
  assert.throws(() => table({ x: [1, 2], y: labels([-1, 0]) }), says('LABEL_OUTSIDE', 'row 1'))
  assert.throws(() => table({ x: [1, 2], y: [0] }), says('COLUMN_LENGTH', "'y'"))
  assert.throws(() => table({ x: [[1, 2], [3]] }), says('SHAPE_MISMATCH', 'row 2')) // biome-ignore format: one line
  assert.throws(() => table({ x: [1] }, { target: 'z' }), says('COLUMN_UNKNOWN', "'z'"))
  assert.throws(() => [...numbered(3).batches({ batchSize: 0 })], says('BAD_OPTION', 'batchSize'))
  await assert.rejects(validate(table({ x: [1, 2], y: [0, 7] }), { classes: 5 }), says('LABEL_OUTSIDE', 'row 2', '7'))
  await validate(table({ x: [1, 2], y: [0, 7] }), { classes: 8 })
})
