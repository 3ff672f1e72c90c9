/** Features taken away: from every split, from frames and encodings, never the label. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { withoutFeatures } from '../../src/ablation/features.ts'
import * as data from '../../src/data/index.ts'
import { people } from './people.ts'

const widths = (dataset: data.Dataset) => Object.fromEntries(data.features(dataset).map(({ name, width }) => [name, width]))

suite('features', () => {
  test('a column is a feature, however many numbers it became', async () => {
    const one = await people({ missing: 'indicate' })
    assert.deepEqual(widths(one.train), { age: 2, workclass: 3, education: 4, sex: 2, 'capital-gain': 1, 'capital-loss': 1 })
    const codes = await people({ categorical: 'codes' })
    assert.deepEqual(codes.train.inputs, ['x', 'categories'])
    assert.deepEqual(widths(codes.train), { age: 1, 'capital-gain': 1, 'capital-loss': 1, workclass: 1, education: 1, sex: 1 })
    const images = data.table({ x: { dtype: 'uint8', shape: [1, 2, 2], data: new Uint8Array(8) }, y: [0, 1] })
    assert.deepEqual(data.features(images), [{ name: 'x', width: 4 }])
  })

  test('is gone from train, test, frames and encoding; everything else is what it was', async () => {
    const before = await people()
    const { splits, columns: gone } = withoutFeatures(before, ['workclass', 'capital*'])
    for (const one of [splits.train, splits.test]) {
      assert.deepEqual(Object.keys(widths(one)), ['age', 'education', 'sex'])
      assert.deepEqual(one.fields.x?.shape, [7])
    }
    assert.deepEqual(gone, [])
    assert.deepEqual(
      splits.encoding.features.map(({ column }) => column),
      ['age', 'education', 'sex'],
    )
    assert.equal(splits.encoding, splits.train.encoding)
    assert.deepEqual(Object.keys(splits.frames.train.columns), ['age', 'education', 'sex', 'income'])
    assert.equal(splits.classes, before.classes)
    assert.equal(splits.kept, before.kept)
    assert.deepEqual(splits.train.columns.y, before.train.columns.y)
    assert.equal(before.train.fields.x?.shape[0], 12, 'what it was made from is unchanged')
    // What is left is the same numbers, in the places they had.
    const names = before.train.fields.x?.names ?? []
    const kept = (splits.train.fields.x?.names ?? []).map((name) => names.indexOf(name))
    const [all, less] = [before.train.columns.x?.data, splits.train.columns.x?.data] as [Float32Array, Float32Array]
    for (let row = 0; row < before.train.length; row++)
      assert.deepEqual([...less.subarray(row * 7, row * 7 + 7)], kept.map((place) => all[row * 12 + place])) // biome-ignore format: one line
    // The same rows encoded again without the column give the same table.
    const again = splits.frames.test.dataset({ encoding: splits.encoding })
    assert.deepEqual(again.columns.x?.data, splits.test.columns.x?.data)
  })

  test('every split, at any depth: folds, clients, a third set; lists without it stay the same object', async () => {
    const { train, test: held, encoding } = await people()
    const other = data.table({ x: [1, 2], y: [0, 1] })
    const folds = train.kfold(3)
    const lazy = { train, folds, deep: { clients: [held, other] }, others: [other], encoding, get now(): never { throw new Error('read') } } // biome-ignore format: one line
    const { splits } = withoutFeatures(lazy, ['age'])
    for (const fold of splits.folds) for (const one of [fold.train, fold.test]) assert.ok(!('age' in widths(one)))
    assert.ok(!('age' in widths(splits.deep.clients[0] as data.Dataset)))
    assert.equal(splits.deep.clients[1], other)
    assert.equal(splits.others, lazy.others)
    assert.equal(splits.encoding.features.length, 5)
    assert.throws(() => splits.now, /read/)
    assert.equal(withoutFeatures(lazy, []).splits, lazy)
  })

  test('whole columns, streams, and datasets of another making', async () => {
    const rows = [{ age: 1, job: 2, x: [1, 2], y: 0 }, { age: 3, job: 0, x: [3, 4], y: 1 }] // biome-ignore format: one line
    const fields = {
      age: { dtype: 'float32', shape: [] },
      job: { dtype: 'int32', shape: [] },
      x: { dtype: 'float32', shape: [2], names: ['a', 'b'] },
      y: { dtype: 'int32', shape: [] },
    } as const
    const stream = data.stream({ fields, rows: () => rows })
    const plain: data.Dataset = { name: 'plain', fields, inputs: stream.inputs, target: 'y', length: 2, batches: (o) => stream.batches(o) }
    const { splits, columns: gone } = withoutFeatures({ train: stream, test: plain }, ['job', 'a'])
    assert.deepEqual(gone, ['job'])
    for (const one of [splits.train, splits.test]) {
      assert.deepEqual(one.inputs, ['age', 'x'])
      const batches: data.Batch[] = []
      for await (const batch of one.batches({ batchSize: 2 })) batches.push(batch)
      assert.deepEqual(Object.keys(batches[0]?.columns ?? {}).sort(), ['age', 'x', 'y'])
      assert.deepEqual([batches[0]?.columns.x?.shape, [...(batches[0]?.columns.x?.data ?? [])]], [[2, 1], [2, 4]]) // biome-ignore format: one line
      assert.deepEqual([...(batches[0]?.columns.y?.data ?? [])], [0, 1])
    }
  })

  test('the label is never taken away, nor all there is, nor what is not there', async () => {
    const { train, test: held } = await people()
    const refuses = (names: readonly string[], code: string, message: RegExp) =>
      assert.throws(() => withoutFeatures({ train, test: held }, names), { code, message })
    refuses(['income'], 'ABLATION_LABEL', /'income'/)
    refuses(['y'], 'ABLATION_LABEL', /'y'/)
    refuses(['age+income'], 'ABLATION_LABEL', /'income'/)
    refuses(['sexx'], 'ABLATION_UNKNOWN', /'people train'.*'sexx'.*Did you mean 'sex'\?/)
    refuses(['cap*', 'wrk*'], 'ABLATION_UNKNOWN', /'wrk\*'/)
    refuses(['age+workclass+education+sex+capital*'], 'ABLATION_FEATURES', /all that the model sees/)
    refuses(['age', 'workclass', 'education', 'sex', 'capital*'], 'ABLATION_FEATURES', /all that the model sees/)
    refuses(['age++sex'], 'ABLATION_SYNTAX', /empty/)
  })

  test('a feature whose name has the signs of groups is found as it is', () => {
    const train = data.table({ 'a+b': [1, 2], 'c*': [3, 4], a: [5, 6], y: [0, 1] })
    const left = (name: string) => withoutFeatures({ train }, [name]).splits.train.inputs
    assert.deepEqual(left('a+b'), ['c*', 'a'])
    assert.deepEqual(left('c*'), ['a+b', 'a'])
    assert.deepEqual(left('a*'), ['c*'])
  })
})
