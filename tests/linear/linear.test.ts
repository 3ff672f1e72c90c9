import assert from 'node:assert/strict'
import { test } from 'node:test'
import type Ort from 'onnxruntime-node'
import { fromText, toText } from '../../src/core/json.ts'
import { type Table, table } from '../../src/data/index.ts'
import { examplesOf } from '../../src/estimator/index.ts'
import { createSession, loadOnnxruntime } from '../../src/graph/index.ts'
import { fromJson, type LinearPredictor, lasso, logisticRegression, ridge, ridgeClassifier } from '../../src/linear/index.ts'
import fc from '../laws.ts'
import { chanceData, goldenData } from './data.ts'
import { golden } from './golden.ts'

const kinds = { ridge, lasso, ridgeClassifier } as const

function close(found: ArrayLike<number>, wanted: readonly number[], tolerance: number, what: string) {
  assert.equal(found.length, wanted.length)
  for (const [i, value] of wanted.entries()) {
    const gap = Math.abs((found[i] as number) - value)
    assert.ok(gap <= tolerance * Math.max(1e-3, Math.abs(value)), `${what}, number ${i}: ${found[i]} and not ${value}`)
  }
}

const numbersOf = ({ coef, intercept }: LinearPredictor) => [...coef, ...intercept]

test('ridge finds what scikit-learn finds', async () => {
  const { quantity, weights } = goldenData()
  for (const alpha of [0.1, 1, 10] as const)
    close(numbersOf(await ridge({ alpha }).fit(quantity)), golden[`ridge ${alpha}`], 1e-11, `ridge ${alpha}`)
  const plain = await ridge({ fitIntercept: false }).fit(quantity)
  close(plain.coef, golden['ridge 1 no intercept'], 1e-11, 'no intercept')
  assert.equal(plain.intercept[0], 0)
  close(numbersOf(await ridge().fit(quantity, { sampleWeight: weights })), golden['ridge 1 weighted'], 1e-11, 'weighted')
})

test('lasso finds what scikit-learn finds, with the same zeros', async () => {
  const { quantity, weights } = goldenData()
  for (const alpha of [0.001, 0.05, 0.3] as const) {
    const found = await lasso({ alpha }).fit(quantity)
    close(numbersOf(found), golden[`lasso ${alpha}`], 1e-9, `lasso ${alpha}`)
    assert.deepEqual(
      [...found.coef].map((value) => value === 0),
      golden[`lasso ${alpha}`].slice(0, -1).map((value) => value === 0),
    )
  }
  const plain = await lasso({ alpha: 0.05, fitIntercept: false }).fit(quantity)
  close(plain.coef, golden['lasso 0.05 no intercept'], 1e-9, 'no intercept')
  const weighted = await lasso({ alpha: 0.05 }).fit(quantity, { sampleWeight: weights })
  close(numbersOf(weighted), golden['lasso 0.05 weighted'], 1e-9, 'weighted')
})

test('ridgeClassifier finds what scikit-learn finds', async () => {
  const { three, two, size } = goldenData()
  const many = await ridgeClassifier().fit(three)
  for (const [k, wanted] of golden['ridgeClassifier 3'].entries())
    close([...many.coef.subarray(k * size, (k + 1) * size), many.intercept[k] as number], wanted, 1e-11, `class ${k}`)
  const one = await ridgeClassifier().fit(two)
  close(numbersOf(one), golden['ridgeClassifier 2'], 1e-11, 'two classes')
})

const shapes = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 3, max: 40 }),
  size: fc.integer({ min: 1, max: 12 }),
  twin: fc.boolean(),
  constant: fc.boolean(),
})
type Shape = { seed: number; rows: number; size: number; twin: boolean; constant: boolean }
const dataOf = ({ seed, rows, size, ...odd }: Shape, classes = 0) => chanceData(seed, rows, size, { ...odd, classes })
const someAlphas = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-4, max: 3, noNaN: true })), { minLength: 1, maxLength: 6 })

for (const [name, make] of Object.entries(kinds)) {
  test(`members of a family of ${name} are what fitting alone gives, to the bit`, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, someAlphas, fc.boolean(), async (shape, alphas, fitIntercept) => {
        const data = dataOf(shape, name === 'ridgeClassifier' ? 2 + (shape.seed % 2) : 0)
        const one = make({ fitIntercept })
        const members = alphas.map((alpha) => ({ alpha, fitIntercept }))
        const family = await one.family.fit(data, members)
        assert.equal(family.size, alphas.length)
        const outputs = [...family.outputs(data)].map((values) => values.slice())
        for (const [i, alpha] of alphas.entries()) {
          const alone = await one.withParams({ alpha }).fit(data)
          assert.deepEqual(family.member(i).toJson(), alone.toJson())
          assert.deepEqual(outputs[i], alone.outputs(data))
        }
      }),
      { numRuns: 60 },
    )
  })
}

/** Derivative of half the squared errors by each coefficient, in plain sums: row by row. */
function gradient(data: Table, { coef, intercept }: LinearPredictor): Float64Array {
  const { rows, features, x, y } = examplesOf(data)
  const sums = new Float64Array(features.length)
  for (let row = 0; row < rows; row++) {
    let error = (intercept[0] as number) - (y?.[row] as number)
    for (let k = 0; k < sums.length; k++) error += (coef[k] as number) * (x[row * sums.length + k] as number)
    for (let k = 0; k < sums.length; k++) sums[k] = (sums[k] as number) + error * (x[row * sums.length + k] as number)
  }
  return sums
}

test('ridge: nothing pulls at the coefficients, also where features repeat each other or never change', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.double({ min: 0, max: 10, noNaN: true }), async (shape, alpha) => {
      const data = dataOf(shape)
      const found = await ridge({ alpha }).fit(data)
      for (const [k, pull] of gradient(data, found).entries()) {
        const left = pull + alpha * (found.coef[k] as number)
        assert.ok(Math.abs(left) < 1e-8 * shape.rows, `${left} at ${k}`)
      }
    }),
    { numRuns: 100 },
  )
})

test('lasso: each coefficient is pulled as much as the penalty holds it, also where features repeat each other', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.double({ min: 0, max: 2, noNaN: true }), async (shape, alpha) => {
      const data = dataOf(shape)
      const found = await lasso({ alpha }).fit(data)
      for (const [k, sum] of gradient(data, found).entries()) {
        const [pull, value] = [-sum / shape.rows, found.coef[k] as number]
        const off = value === 0 ? Math.max(0, Math.abs(pull) - alpha) : Math.abs(pull - alpha * Math.sign(value))
        assert.ok(off < 1e-8, `${off} at ${k}`)
      }
    }),
    { numRuns: 200 },
  )
})

test('lasso: more features than rows, and a penalty that leaves nothing', async () => {
  const data = chanceData(3, 10, 60)
  const some = await lasso({ alpha: 0.1 }).fit(data)
  const active = some.coef.filter((value) => value !== 0).length
  assert.ok(active > 0 && active <= 10, `${active} of 60`)
  const none = await lasso({ alpha: 100 }).fit(data)
  assert.ok(none.coef.every((value) => value === 0))
  const y = examplesOf(data).y as Float64Array
  assert.ok(Math.abs((none.intercept[0] as number) - y.reduce((a, b) => a + b, 0) / 10) < 1e-12)
})

test('a row of weight two counts as the row twice, and of weight 0 as no row', async () => {
  const data = chanceData(5, 20, 4)
  const weights = Float64Array.from({ length: 20 }, (_, row) => row % 3)
  const twice = data.take(Array.from(weights).flatMap((weight, row) => Array<number>(weight).fill(row)))
  for (const make of [ridge, lasso]) {
    const weighted = await make({ alpha: 0.1 }).fit(data, { sampleWeight: weights })
    close(numbersOf(weighted), numbersOf(await make({ alpha: 0.1 }).fit(twice)), 1e-11, make.name)
  }
})

test('predictions, outputs, scores and decisions tell the same', async () => {
  const { three, two, quantity } = goldenData()
  const line = await ridge({ alpha: 0.01 }).fit(quantity)
  assert.deepEqual(line.predict(quantity), line.outputs(quantity))
  assert.ok(line.score(quantity) > 0.9)
  const both = [ridgeClassifier({ alpha: 0.1 }), logisticRegression()]
  for (const [estimator, data] of both.flatMap((one) => [[one, three] as const, [one, two] as const])) {
    const model = await estimator.fit(data)
    const [labels, outputs, decisions] = [model.predict(data), model.outputs(data), model.decisions(data)]
    const { width } = model
    for (const [row, label] of labels.entries()) {
      const scores = outputs.subarray(row * width, (row + 1) * width)
      assert.ok(Math.abs(scores.reduce((a, b) => a + b, 0) - 1) < 1e-12)
      assert.equal(scores.indexOf(Math.max(...scores)), label)
      if (width === 2) assert.equal(label, (decisions[row] as number) > 0 ? 1 : 0)
    }
    assert.ok(model.score(data) > 0.7)
  }
})

test('JSON brings a model back to the bit, and refuses what does not fit', async () => {
  const { three, two, quantity } = goldenData()
  for (const model of [
    await ridge().fit(quantity),
    await lasso({ alpha: 0.05 }).fit(quantity),
    await ridgeClassifier().fit(two),
    await ridgeClassifier().fit(three),
    await logisticRegression().fit(two),
    await logisticRegression().fit(three),
  ]) {
    const data = model.task === 'regression' ? quantity : model.width === 2 ? two : three
    const back = fromJson(fromText(toText(model.toJson())))
    assert.deepEqual(back.outputs(data), model.outputs(data))
    assert.deepEqual(back.toJson(), model.toJson())
    const json = model.toJson() as Record<string, unknown>
    for (const broken of [
      { ...json, format: 'other' },
      { ...json, intercept: [] },
      { ...json, features: ['only'] },
      { ...json, width: 9 },
      { ...json, coef: [[null]] },
      null,
    ])
      assert.throws(() => fromJson(broken as never), { code: 'FILE_CORRUPT' })
  }
})

test('ONNX gives the same outputs', async () => {
  const ort = await loadOnnxruntime()
  const { three, two, quantity } = goldenData()
  for (const [model, data] of [
    [await ridge().fit(quantity), quantity],
    [await ridgeClassifier().fit(two), two],
    [await ridgeClassifier().fit(three), three],
    [await logisticRegression().fit(two), two],
    [await logisticRegression().fit(three), three],
  ] as const) {
    const session = await createSession(ort, model.toOnnx({ metadata: { of: 'test' } }), 1)
    const { x, rows, features } = examplesOf(data)
    const outputs = await session.run({ x: new ort.Tensor('float32', x, [rows, features.length]) })
    const output = outputs.output as Ort.Tensor
    assert.deepEqual(output.dims, [rows, model.width])
    const wanted = model.outputs(data)
    for (const [at, value] of (output.data as Float32Array).entries())
      assert.ok(Math.abs(value - (wanted[at] as number)) < 1e-5 * Math.max(1, Math.abs(wanted[at] as number)))
  }
})

test('mistakes are told by name', async () => {
  const { quantity, three } = goldenData()
  assert.throws(() => ridge({ alhpa: 1 } as never), /alpha/)
  for (const alpha of [-1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => lasso({ alpha }), { code: 'BAD_OPTION' })
  assert.throws(() => ridge({ fitIntercept: 1 as never }), { code: 'BAD_OPTION' })
  const hole = table({ a: [1, 2, 3], b: [1, Number.NaN, 3], y: [1.5, 2.5, 3.5] }, { name: 'hole', allowNotFinite: true })
  await assert.rejects(ridge().fit(hole), { code: 'LINEAR_NOT_FINITE', message: /'b' is NaN in row 2/ })
  const codes = table({ kind: ['a', 'b', 'a'], y: [1.5, 2.5, 3.5] }, { name: 'codes' })
  await assert.rejects(lasso().fit(codes), { code: 'LINEAR_CATEGORIES', message: /'kind'/ })
  await assert.rejects(ridgeClassifier().fit(three.filter((row) => row.y === 1)), { code: 'FIT_ONE_CLASS' })
  const model = await ridge().fit(quantity)
  assert.throws(() => model.predict(hole), { code: 'PREDICT_FEATURES' })
  const missing = table({ x: { dtype: 'float32', shape: [5], data: Float32Array.of(1, Number.NaN, 1, 1, 1) } }, { allowNotFinite: true })
  assert.throws(() => model.predict(missing), { code: 'LINEAR_NOT_FINITE' })
  await assert.rejects(ridge().fit(quantity, { signal: AbortSignal.abort() }))
})

test('parameters are kept and changed', () => {
  assert.deepEqual(ridge().getParams(), { alpha: 1, fitIntercept: true })
  assert.deepEqual(lasso({ alpha: 2 }).withParams({ fitIntercept: false }).getParams(), { alpha: 2, fitIntercept: false })
  assert.equal(ridgeClassifier().withParams({ alpha: 3 }).name, 'ridgeClassifier')
})
