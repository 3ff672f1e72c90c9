/** Inputs taken away from datasets of every kind are the same inputs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type Batch, type Dataset, features, stream, type Table, table, withoutFeatures } from '../../src/data/index.ts'
import fc from '../laws.ts'

const names = ['age', 'job=a', 'job=b', 'hours', 'hours=?']
const made = (rows: number): Table =>
  table({
    x: { dtype: 'float32', shape: [5], names, data: Float32Array.from({ length: 5 * rows }, (_, i) => i) },
    codes: { dtype: 'int32', shape: [2], names: ['city', 'job'], data: Int32Array.from({ length: 2 * rows }, (_, i) => i % 7) },
    image: { dtype: 'uint8', shape: [1, 2, 2], data: Uint8Array.from({ length: 4 * rows }, (_, i) => i % 256) },
    y: { dtype: 'int32', shape: [], data: Int32Array.from({ length: rows }, (_, i) => i % 3) },
  })

/** The same rows as a stream, and as a dataset that has no methods but the contract's. */
const kinds = (of: Table): Record<string, Dataset> => {
  const { fields, inputs } = of
  const streamed = stream({ fields, inputs, target: 'y', length: of.length, tables: async function* () { yield of } }) // biome-ignore format: one line
  const plain = (from: Dataset): Dataset => ({
    name: 'plain',
    fields,
    inputs,
    target: 'y',
    length: of.length,
    batches: (o) => from.batches(o),
  })
  return { table: of, stream: streamed, plain: plain(of), 'plain stream': plain(streamed) }
}

async function read(dataset: Dataset): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {}
  for await (const batch of dataset.batches({ batchSize: 4 }) as AsyncIterable<Batch>) {
    for (const [key, { data, shape }] of Object.entries(batch.columns)) {
      assert.deepEqual(shape, [batch.size, ...(dataset.fields[key]?.shape ?? [])])
      ;(all[key] ??= []).push(...Array.from(data as Float32Array))
    }
  }
  return all
}

test('features: vectors by their names, one-hot groups and indicators as one, other columns whole', () => {
  assert.deepEqual(features(made(2)), [
    { name: 'age', width: 1 },
    { name: 'job', width: 3 },
    { name: 'hours', width: 2 },
    { name: 'city', width: 1 },
    { name: 'image', width: 4 },
  ])
})

test('every kind of dataset loses the same, and what is left is what it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(['age', 'job', 'hours', 'city', 'image']), fc.integer({ min: 1, max: 11 }), async (gone, rows) => {
      const whole = made(rows)
      const all = await read(whole)
      const want = await read(whole.without(...gone))
      for (const [kind, dataset] of Object.entries(kinds(whole))) {
        const cut = withoutFeatures(dataset, ...gone)
        assert.deepEqual(await read(cut), want, kind)
        assert.deepEqual(
          features(cut).map(({ name }) => name),
          ['age', 'job', 'hours', 'city', 'image'].filter((name) => !gone.includes(name)),
        )
        assert.deepEqual(cut.target, 'y')
      }
      const places = names.flatMap((name, place) => (gone.includes(name.split('=')[0] as string) ? [] : [place]))
      assert.deepEqual(want.y, all.y)
      if (places.length > 0)
        assert.deepEqual(
          want.x,
          all.x?.filter((_, i) => places.includes(i % 5)),
        )
      else assert.ok(!('x' in want))
    }),
    { numRuns: 30 },
  )
})

test('order and skipping are those of the dataset', async () => {
  const whole = made(9)
  const plain = kinds(whole).plain as Dataset
  const ids = async (of: Dataset) => {
    const seen: number[] = []
    for await (const batch of of.batches({ batchSize: 2, shuffle: random(1).fork('a'), skip: 1 }))
      seen.push(...Array.from(batch.columns.image?.data as Uint8Array))
    return seen
  }
  assert.deepEqual(await ids(withoutFeatures(plain, 'age')), await ids(plain))
})

test('a stream goes on being one; unknown names give the nearest', async () => {
  const streamed = stream({ fields: made(1).fields, rows: () => [] }).without('age', 'image')
  assert.deepEqual(streamed.fields.x?.names, names.slice(1))
  assert.deepEqual(streamed.take(0).inputs, ['x', 'codes'])
  for (const dataset of Object.values(kinds(made(2))))
    assert.throws(() => withoutFeatures(dataset, 'hour'), { code: 'COLUMN_UNKNOWN', message: /'hour'.*'hours'/ })
})
