import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Examples } from '../../../src/estimator/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import { ensembleFromJson } from '../../../src/trees/json.ts'
import { importOnnx } from '../../../src/trees/onnx/index.ts'
import { predictorOf } from '../../../src/trees/predict/index.ts'
import type { Tree } from '../../../src/trees/tree.ts'
import { randomEnsemble, randomRows } from '../randomTrees.ts'

const forest = randomEnsemble(2, { trees: 8, width: 3 })
const boosted = randomEnsemble(3, { trees: 8, link: 'logistic' })

function examplesOf(ensemble: Ensemble, rows = 60, y?: ArrayLike<number>): Examples {
  const { features, classes, task } = ensemble
  return { name: 'rows', rows, features, x: randomRows(9, ensemble, rows), y: y && Float64Array.from(y), classes, task }
}

test('labels are the likeliest of the outputs, the first of equals; quantities are the outputs', () => {
  const examples = examplesOf(forest)
  const shares = predictorOf(forest).outputs(examples)
  const labels = Array.from({ length: 60 }, (_, row) => {
    const own = [...shares.subarray(row * 3, row * 3 + 3)]
    return own.indexOf(Math.max(...own))
  })
  assert.deepEqual([...predictorOf(forest).predict(examples)], labels)
  const regressor = randomEnsemble(4, { trees: 5 })
  const rows = examplesOf(regressor)
  assert.deepEqual(predictorOf(regressor).predict(rows), predictorOf(regressor).outputs(rows))
})

test('two classes of one column have a share each', () => {
  const predictor = predictorOf(boosted)
  const shares = predictor.outputs(examplesOf(boosted))
  assert.equal(predictor.width, 2)
  assert.equal(shares.length, 120)
  for (let row = 0; row < 60; row++) assert.ok(Math.abs((shares[2 * row] as number) + (shares[2 * row + 1] as number) - 1) < 1e-15)
})

test('the score is the share of right labels', () => {
  const labels = predictorOf(forest).predict(examplesOf(forest))
  const wrong = labels.map((label, row) => (row < 15 ? (label + 1) % 3 : label))
  assert.equal(predictorOf(forest).score(examplesOf(forest, 60, labels)), 1)
  assert.equal(predictorOf(forest).score(examplesOf(forest, 60, wrong)), 0.75)
})

test('other columns than those learned from are refused, also after the right ones', () => {
  const predictor = predictorOf(forest)
  const right = examplesOf(forest)
  const renamed = { ...right, features: right.features.map((feature, k) => (k === 1 ? { name: 'other' } : feature)) }
  for (const ask of [predictor.outputs, predictor.predict, predictor.score]) {
    predictor.outputs(right)
    assert.throws(() => ask(renamed), { code: 'PREDICT_FEATURES' })
    assert.throws(() => ask(renamed), { code: 'PREDICT_FEATURES' })
  }
  assert.throws(() => predictor.predict({ ...right, features: [...right.features].reverse() }), { code: 'PREDICT_ORDER' })
})

test('what is written as JSON or ONNX predicts the same', () => {
  const examples = examplesOf(forest)
  const { outputs, toJson, toOnnx } = predictorOf(forest)
  assert.deepEqual(predictorOf(ensembleFromJson(JSON.parse(JSON.stringify(toJson())))).outputs(examples), outputs(examples))
  const back = predictorOf(importOnnx(toOnnx())).outputs(examples)
  back.forEach((share, k) => {
    assert.ok(Math.abs(share - (outputs(examples)[k] as number)) < 1e-6)
  })
})

/** A stump that splits by one feature, of 4 rows of weight 2 each. */
function stump(feature: number, impurity: readonly number[]): Tree {
  const [one] = randomEnsemble(1, { trees: 1 }).trees as [Tree]
  return {
    ...one,
    nodes: 3,
    feature: Int32Array.of(feature, -1, -1),
    threshold: new Float32Array(3),
    right: Int32Array.of(2, -1, -1),
    missingLeft: new Uint8Array(3),
    setAt: undefined,
    sets: undefined,
    value: new Float64Array(3),
    impurity: Float64Array.from(impurity),
    samples: Int32Array.of(4, 1, 3),
    weight: Float64Array.of(8, 2, 6),
  }
}

const leaf: Tree = { ...stump(-1, [0.5]), nodes: 1, feature: Int32Array.of(-1) }

test('importances are mean shares of the decreases in forests, shares of all decreases in boosting', () => {
  const base = randomEnsemble(1, { trees: 1 })
  // Decreases: 8 * 0.5 - 6 * 0.5 = 1 by feature 0; 8 * 0.5 - 2 * 0.5 = 3 by feature 2.
  const trees = [stump(0, [0.5, 0, 0.5]), stump(2, [0.5, 0.5, 0]), leaf]
  const of = (ensemble: Partial<Ensemble>) => [...predictorOf({ ...base, ...ensemble }).featureImportances]
  assert.deepEqual(of({ trees, scale: 1 / 3 }), [0.5, 0, 0.5, 0, 0])
  assert.deepEqual(of({ trees, scale: 1 }), [0.25, 0, 0.75, 0, 0])
  assert.deepEqual(of({ trees: [leaf, leaf], scale: 0.5 }), [0, 0, 0, 0, 0])
  const unknown = { ...stump(1, [1, 0, 0]), weight: new Float64Array(3).fill(Number.NaN) }
  assert.deepEqual(of({ trees: [unknown], scale: 1 }), [0, 0, 0, 0, 0])
})

test('a predictor shows the trees it is made of', () => {
  assert.equal(predictorOf(forest).ensemble, forest)
  assert.equal(predictorOf(forest).estimator, forest.estimator)
})
