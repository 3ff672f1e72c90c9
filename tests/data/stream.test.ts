import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type Row, type Stream, stream, validate } from '../../src/data/index.ts'
import fc from '../laws.ts'
import { numbers, says, valuesOf } from './helpers.ts'

const fields = { x: { dtype: 'float32', shape: [2] }, y: { dtype: 'int32', shape: [] } } as const

function counting(rows: number): Stream {
  return stream({
    name: 'counting',
    fields,
    *rows(): Generator<Row> {
      for (let i = 0; i < rows; i++) yield { x: [i, i / 2], y: i }
    },
  })
}
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (values: number[]) => [...values].sort((a, b) => a - b)

test('a stream gives its rows in order, in every pass anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.nat(3),
      fc.boolean(),
      async (rows, batchSize, ahead, dropLast) => {
        const s = counting(rows).prefetch(ahead)
        const batches = await valuesOf(s, 'y', { batchSize, dropLast })
        assert.deepEqual(batches.flat(), range(dropLast ? rows - (rows % batchSize) : rows))
        assert.ok(batches.every((batch, i) => batch.length === batchSize || i === batches.length - 1))
        assert.deepEqual(await valuesOf(s, 'y', { batchSize, dropLast }), batches)
      },
    ),
    { numRuns: 30 },
  )
})

test('the shuffle buffer gives every row once, repeats by state, and keeps columns together', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 800 }),
      fc.integer({ min: 1, max: 900 }),
      fc.nat(3),
      fc.integer(),
      async (rows, buffer, ahead, seed) => {
        const s = counting(rows).shuffleBuffer(buffer).prefetch(ahead)
        const y = await valuesOf(s, 'y', { batchSize: 64, shuffle: random(seed) })
        assert.deepEqual(sorted(y.flat()), range(rows))
        const x = await valuesOf(s, 'x', { batchSize: 64, shuffle: random(seed) })
        assert.deepEqual(
          x.flat(),
          y.flat().flatMap((i) => [i, i / 2]),
        )
        // A row leaves the buffer at the earliest when the buffer is full: none comes more than `buffer` places early.
        for (const [place, row] of y.flat().entries()) assert.ok(row <= place + buffer)
      },
    ),
    { numRuns: 30 },
  )
  const chance = random(5)
  const s = counting(500)
  assert.notDeepEqual(
    await valuesOf(s, 'y', { batchSize: 500, shuffle: chance }),
    await valuesOf(s, 'y', { batchSize: 500, shuffle: chance }),
  )
})

test('skip gives exactly the batches that would have come', async () => {
  for (const skip of [0, 1, 5, 100]) {
    const all = await valuesOf(counting(1000), 'y', { batchSize: 64, shuffle: random(1) })
    assert.deepEqual(await valuesOf(counting(1000).prefetch(2), 'y', { batchSize: 64, shuffle: random(1), skip }), all.slice(skip))
  }
})

test('a batch stays as it is while batches are made ahead', async () => {
  for await (const batch of counting(2000).prefetch(3).batches({ batchSize: 10 })) {
    const before = numbers(batch, 'y')
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(numbers(batch, 'y'), before)
  }
})

test('map, filter and take follow one another; nothing is read that is not asked for', async () => {
  let read = 0
  const s = stream({
    fields,
    *rows(): Generator<Row> {
      for (;;) yield { x: [read, 0], y: read++ }
    },
  })
  const made = s
    .filter((row) => (row.y as number) % 2 === 0)
    .map((row) => ({ y: row.y as number, z: [(row.y as number) * 10] }), { z: { dtype: 'float32', shape: [1] }, y: fields.y })
    .take(5)
  assert.equal(read, 0)
  assert.deepEqual(await valuesOf(made, 'z', { batchSize: 2 }), [[0, 20], [40, 60], [80]]) // biome-ignore format: one line
  assert.deepEqual([made.inputs, made.target, made.length], [['z'], 'y', undefined])
  assert.ok(read <= 2048, `${read} rows were read`)
  const held = await counting(100).take(7).table()
  assert.deepEqual([held.length, held.target, held.columns.y?.data], [7, 'y', Int32Array.from(range(7))])
})

test('memory holds a chunk and the buffer, however many rows there are', async () => {
  const rows = 40_000
  let made = 0
  const s = stream({
    fields,
    *rows(): Generator<Row> {
      for (; made < rows; made++) yield { x: [made, 0], y: made }
    },
  })
  let seen = 0
  for await (const batch of s.shuffleBuffer(500).batches({ batchSize: 64, shuffle: random(0) })) {
    seen += batch.size
    assert.ok(made - seen <= 1024 + 500 + 64, `${made} rows read for ${seen} given`)
  }
  assert.equal(seen, rows)
})

test('wrong rows are told with their number', async () => {
  const wrong = (row: Row) => valuesOf(stream({ fields, rows: () => [{ x: [1, 2], y: 0 }, row] }), 'x', { batchSize: 1 })
  await assert.rejects(wrong({ x: [1], y: 0 }), says('SHAPE_MISMATCH', 'row 2', "'x'", '1 numbers'))
  await assert.rejects(wrong({ y: 0 }), says('SHAPE_MISMATCH', 'row 2', 'no numbers'))
  await assert.rejects(wrong({ x: [1, Number.NaN], y: 0 }), says('VALUE_NOT_FINITE', 'row 2', 'NaN'))
  assert.throws(() => stream({ fields }), says('BAD_OPTION', 'rows'))
  assert.throws(() => counting(1).shuffleBuffer(0), says('BAD_OPTION', 'shuffleBuffer'))
  await assert.rejects(validate(counting(3000), { classes: 2500 }), says('LABEL_OUTSIDE', 'row 2501', '2500'))
})

test('an error of the source reaches the reader, and leaving early closes the source', async () => {
  let closed = 0
  const s = stream({
    fields,
    *rows(): Generator<Row> {
      try {
        for (let i = 0; i < 10_000; i++) {
          if (i === 5000) throw new Error('the cable was cut')
          yield { x: [i, i], y: i }
        }
      } finally {
        closed++
      }
    },
  }).prefetch(2)
  await assert.rejects(valuesOf(s, 'y', { batchSize: 100 }), /the cable was cut/)
  for await (const _ of s.batches({ batchSize: 10 })) break
  assert.equal(closed, 2)
})
