/** What was really learned here crosses over: to ONNX Runtime, to ONNX and back, to JSON and back. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import type { Estimator, Examples, Predictor } from '../../../src/estimator/index.ts'
import { createSession, loadOnnxruntime } from '../../../src/graph/index.ts'
import { histGradientBoostingClassifier, histGradientBoostingRegressor } from '../../../src/trees/boosting/index.ts'
import type { Ensemble } from '../../../src/trees/ensemble.ts'
import {
  decisionTreeClassifier,
  extraTreesRegressor,
  randomForestClassifier,
  randomForestRegressor,
} from '../../../src/trees/forest/index.ts'
import { brokenLaw } from '../../../src/trees/json/laws.ts'
import { ensembleFromJson, ensembleToJson } from '../../../src/trees/json.ts'
import { ensembleToOnnx, importOnnx } from '../../../src/trees/onnx/index.ts'
import { predictorOf } from '../../../src/trees/predict/index.ts'

/** Quantities with holes, and a category. */
function examples(classes: number, rows = 400): Examples {
  const chance = random(11)
  const features = [{ name: 'a' }, { name: 'b' }, { name: 'colour', categories: 40 }, { name: 'd' }]
  const x = Float32Array.from({ length: rows * 4 }, (_, i) =>
    i % 4 === 2 ? chance.int(40) : chance.int(12) === 0 ? Number.NaN : chance.normal(),
  )
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, colour] = x.subarray(row * 4, row * 4 + 3) as unknown as [number, number, number]
    const score = (Number.isNaN(a) ? 1 : a) + (colour % 3) - 1 + 0.3 * (b || 0)
    return classes === 0 ? Math.exp(score) : Math.min(classes - 1, Math.max(0, Math.floor(score + classes / 2)))
  })
  return {
    name: 'made',
    rows,
    features,
    x,
    y,
    classes: classes === 0 ? undefined : Array.from({ length: classes }, (_, k) => `kind ${k}`),
    task: classes === 0 ? 'regression' : 'classification',
  }
}

const learners: readonly (readonly [string, Estimator<never>, number])[] = [
  ['a decision tree', decisionTreeClassifier({ maxDepth: 5 }), 3],
  ['a forest of two classes', randomForestClassifier({ nEstimators: 12 }), 2],
  ['a forest of four classes', randomForestClassifier({ nEstimators: 12, minSamplesLeaf: 3 }), 4],
  ['a forest for values', randomForestRegressor({ nEstimators: 8 }), 0],
  ['extra trees for values', extraTreesRegressor({ nEstimators: 8 }), 0],
  ['boosting of two classes', histGradientBoostingClassifier({ maxIter: 12 }), 2],
  ['boosting of four classes', histGradientBoostingClassifier({ maxIter: 8 }), 4],
  ['boosting for values', histGradientBoostingRegressor({ maxIter: 12 }), 0],
  ['boosting for positive values', histGradientBoostingRegressor({ maxIter: 12, loss: 'gamma' }), 0],
] as unknown as (readonly [string, Estimator<never>, number])[]

for (const [name, estimator, classes] of learners) {
  describe(name, async () => {
    const data = examples(classes)
    const predictor = (await estimator.fit(data, { threads: 1, seed: 3 })) as Predictor & { readonly ensemble: Ensemble }
    const { ensemble } = predictor

    test('keeps the laws of trees', () => {
      for (const tree of ensemble.trees) assert.equal(brokenLaw(tree, 4), undefined)
    })

    test('predicts the same in ONNX Runtime', async () => {
      const ort = await loadOnnxruntime()
      const session = await createSession(ort, predictor.toOnnx({ metadata: { why: 'a test' } }), 1)
      const { output, label } = await session.run({ x: new ort.Tensor('float32', data.x, [data.rows, 4]) })
      await session.release()
      const want = predictor.outputs(data)
      assert.deepEqual(output?.dims, [data.rows, predictor.width])
      for (const [i, value] of want.entries())
        assert.ok(Math.abs((output?.data[i] as number) - value) <= 1e-6 * Math.abs(value), `number ${i}: ${output?.data[i]}, not ${value}`)
      if (classes > 0) assert.deepEqual(Float64Array.from(label?.data as BigInt64Array, Number), predictor.predict(data))
    })

    test('comes back from ONNX', () => {
      const again = predictorOf(importOnnx(ensembleToOnnx(ensemble)))
      assert.deepEqual(again.outputs(data), predictor.outputs(data))
      assert.deepEqual([again.estimator, again.params, again.classes], [predictor.estimator, predictor.params, predictor.classes])
    })

    test('comes back from JSON, all of it', () => {
      const again = ensembleFromJson(JSON.parse(JSON.stringify(ensembleToJson(ensemble))))
      assert.deepEqual(again, ensemble)
    })
  })
}
