import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import {
  histGradientBoostingClassifier as classifier,
  histGradientBoostingRegressor as regressor,
} from '../../../src/trees/boosting/index.ts'
import { mixed, table } from './data.ts'

test('defaults are scikit-learn’s, and changed parameters leave the others', () => {
  const params = classifier({ maxIter: 7 }).getParams()
  assert.equal(params.maxIter, 7)
  assert.equal(params.learningRate, 0.1)
  assert.equal(params.maxLeafNodes, 31)
  assert.equal(params.loss, 'logLoss')
  assert.equal(regressor().getParams().loss, 'squaredError')
  assert.deepEqual(classifier({ maxIter: 7 }).withParams({ maxDepth: 3 }).getParams(), { ...params, maxDepth: 3 })
})

test('what parameters may not be is refused by name', () => {
  const bad: [object, RegExp][] = [
    [{ maxLeafNodes: 1 }, /'maxLeafNodes' is 1 but must be a whole number of at least 2/],
    [{ learningRate: 0 }, /'learningRate' is 0 but must be a number above 0/],
    [{ maxIter: 0 }, /maxIter/],
    [{ maxDepth: 0.5 }, /maxDepth/],
    [{ minSamplesLeaf: 0 }, /minSamplesLeaf/],
    [{ l2Regularization: -1 }, /l2Regularization/],
    [{ maxFeatures: 0 }, /maxFeatures/],
    [{ maxBins: 256 }, /'maxBins' is 256 but must be a whole number from 2 to 255/],
    [{ earlyStopping: 'yes' }, /earlyStopping/],
    [{ scoring: 'accuracy' }, /scoring/],
    [{ validationFraction: 1 }, /validationFraction/],
    [{ nIterNoChange: 0 }, /nIterNoChange/],
    [{ tol: Number.NaN }, /tol/],
    [{ randomState: -1 }, /randomState/],
    [{ categoricalFeatures: 3 }, /categoricalFeatures/],
    [{ interactionCst: 'some' }, /interactionCst/],
    [{ interactionCst: [0, 1] }, /interactionCst/],
    [{ monotonicCst: 1 }, /monotonicCst/],
    [{ maxFeatures: '1' }, /maxFeatures/],
    [{ loss: 'hinge' }, /loss/],
  ]
  for (const [options, sentence] of bad) {
    assert.throws(() => classifier(options), { code: 'BAD_OPTION', message: sentence })
    assert.throws(() => regressor(options as object), { code: 'BAD_OPTION', message: sentence })
  }
  for (const classWeight of [{ 0: -1 }, { 0: Number.NaN }, { 0: '2' }, 'heavy'])
    assert.throws(() => classifier({ classWeight } as object), { code: 'BAD_OPTION', message: /classWeight/ })
  assert.throws(() => regressor({ loss: 'quantile' }), /'quantile' is null but must be a share/)
  assert.throws(() => regressor({ quantile: 0.3 }), /unless the loss is 'quantile'/)
  assert.throws(() => classifier({ maxLeaves: 3 } as object), { code: 'UNKNOWN_OPTION', message: /maxLeafNodes/ })
})

test('what is said of features that are not there, or cannot be so, is refused', async () => {
  const data = mixed(200, 1)
  await assert.rejects(regressor({ monotonicCst: { kint: 1 } }).fit(data), /'kint'.*'kind'/)
  await assert.rejects(regressor({ monotonicCst: { kind: 1 } }).fit(data), /categories/)
  await assert.rejects(regressor({ monotonicCst: { a: 2 } }).fit(data), /-1, 0 or 1/)
  await assert.rejects(regressor({ monotonicCst: [1, 0] }).fit(data), /a list of 11 numbers/)
  await assert.rejects(regressor({ categoricalFeatures: ['b'] }).fit(data), /whole numbers/)
  await assert.rejects(regressor({ interactionCst: [['a', 99]] }).fit(data), /from 0 to 10/)
  // Of three probabilities that add up to 1, not all can rise.
  await assert.rejects(classifier({ monotonicCst: { a: 1 } }).fit(mixed(200, 1, 3)), /'monotonicCst' is 'for 3 labels' but must be null/)
  await assert.rejects(classifier({ classWeight: { 7: 2 } }).fit(mixed(200, 1, 3)), /classWeight: option '7' is 2/)
})

test('data that nothing can be learned from is refused', async () => {
  await assert.rejects(classifier().fit(table([[1], [2]], [1, 1])), { code: 'FIT_ONE_CLASS' })
  await assert.rejects(regressor().fit({ ...table([[1]], [1]), rows: 0 }), { code: 'FIT_EMPTY' })
  await assert.rejects(regressor().fit(table([[1], [2]], [1, Number.NaN])), { code: 'FIT_TARGET' })
  await assert.rejects(regressor().fit(table([[1], [2]], [1, 2]), { sampleWeight: [0, 0] }), { code: 'FIT_WEIGHTS' })
  const wide = { ...table([[1]], [1]), rows: 500, features: Array.from({ length: 2000 }, (_, k) => ({ name: `x${k}` })) }
  const chance = random(1)
  const filled = {
    ...wide,
    x: Float32Array.from({ length: 500 * 2000 }, () => chance.uniform()),
    y: Float64Array.from({ length: 500 }, (_, k) => k),
  }
  await assert.rejects(regressor({ maxLeafNodes: 400, minSamplesLeaf: 1 }).fit(filled, { threads: 2 }), { code: 'FIT_TOO_LARGE' })
})

test('constant features, constant targets and very few rows make trees of one leaf', async () => {
  for (const data of [table([[1], [1], [1]], [1, 2, 6]), table([[1], [2], [3]], [4, 4, 4]), table([[Number.NaN]], [3])]) {
    const model = await regressor({ maxIter: 3, minSamplesLeaf: 1 }).fit(data)
    const mean = (data.y as Float64Array).reduce((a, b) => a + b, 0) / data.rows
    for (const output of model.predict(data)) assert.ok(Math.abs(output - mean) < 1e-6)
  }
  const few = await classifier().fit(table([[1], [2], [3], [4]], [0, 0, 0, 1]))
  assert.ok(Math.abs((few.outputs(table([[9]], [0]))[1] as number) - 0.25) < 1e-9)
})
