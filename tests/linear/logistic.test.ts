import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../src/data/index.ts'
import { examplesOf } from '../../src/estimator/index.ts'
import { logisticRegression } from '../../src/linear/index.ts'
import fc from '../laws.ts'
import { chanceData, goldenData } from './data.ts'
import { golden } from './golden.ts'

test('logistic regression finds what scikit-learn finds', async () => {
  const { three, two, size } = goldenData()
  for (const C of [0.1, 1, 10] as const) {
    const many = await logisticRegression({ C, tol: 1e-12 }).fit(three)
    const one = await logisticRegression({ C, tol: 1e-12 }).fit(two)
    const found = [0, 1, 2].flatMap((k) => [...many.coef.subarray(k * size, (k + 1) * size), many.intercept[k] as number])
    const pairs = [
      [found, golden[`logistic 3 ${C}`].flat()],
      [[...one.coef, ...one.intercept], golden[`logistic 2 ${C}`]],
    ] as const
    for (const [own, theirs] of pairs)
      for (const [i, value] of theirs.entries())
        assert.ok(
          Math.abs((own[i] as number) - value) < 1e-7 * Math.max(0.01, Math.abs(value)),
          `C ${C}, number ${i}: ${own[i]} and not ${value}`,
        )
  }
})

test('nothing pulls at the coefficients; weights count as rows do', async () => {
  const shapes = {
    seed: fc.nat(),
    rows: fc.integer({ min: 6, max: 40 }),
    size: fc.integer({ min: 1, max: 8 }),
    classes: fc.integer({ min: 2, max: 5 }),
  }
  await fc.assert(
    fc.asyncProperty(
      fc.record(shapes),
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.boolean(),
      async ({ seed, rows, size, classes }, C, fitIntercept) => {
        const data = chanceData(seed, rows, size, { classes, twin: seed % 2 === 0, constant: seed % 3 === 0 })
        const weights = Float64Array.from({ length: rows }, (_, row) => (row < classes ? 1 : row % 3))
        const model = await logisticRegression({ C, fitIntercept, tol: 1e-11 }).fit(data, { sampleWeight: weights })
        const { x, y } = examplesOf(data)
        const outputs = model.outputs(data)
        assert.deepEqual(model.predictProba(data), outputs)
        const decisions = model.intercept.length
        for (let k = 0; k < decisions; k++) {
          const label = decisions === 1 ? 1 : k
          const errors = Float64Array.from(
            { length: rows },
            (_, row) => (weights[row] as number) * ((outputs[row * classes + label] as number) - Number(y?.[row] === label)),
          )
          for (let j = 0; j < size; j++) {
            const pull = C * errors.reduce((sum, error, row) => sum + error * (x[row * size + j] as number), 0)
            assert.ok(Math.abs(pull + (model.coef[k * size + j] as number)) < 1e-6)
          }
          if (fitIntercept) assert.ok(Math.abs(errors.reduce((a, b) => a + b, 0)) < 1e-6)
          else assert.equal(model.intercept[k] === 0, true)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a label without rows has probability 0, and parting labels do not break it', async () => {
  const x = Float32Array.from({ length: 20 }, (_, row) => row - 9.5)
  const y = {
    dtype: 'int32',
    shape: [],
    classes: ['low', 'never', 'high'],
    data: Int32Array.from(x, (value) => (value > 0 ? 2 : 0)),
  } as const
  const data = table({ x, y }, { name: 'parted' })
  const model = await logisticRegression({ C: 1e6 }).fit(data)
  assert.equal(model.score(data), 1)
  const outputs = model.outputs(data)
  for (let row = 0; row < 20; row++) assert.equal(outputs[row * 3 + 1], 0)
  assert.ok(outputs.every(Number.isFinite))
})

test('parameters out of range are refused', () => {
  for (const wrong of [{ C: 0 }, { C: Number.POSITIVE_INFINITY }, { tol: 0 }, { maxIter: 0.5 }, { fitIntercept: 'yes' as never }])
    assert.throws(() => logisticRegression(wrong), { code: 'BAD_OPTION' })
  assert.throws(() => logisticRegression({ c: 1 } as never), { code: 'UNKNOWN_OPTION' })
  assert.deepEqual(logisticRegression({ C: 2 }).withParams({ maxIter: 5 }).getParams(), { C: 2, fitIntercept: true, tol: 1e-4, maxIter: 5 })
})
