/** What every estimator must do, through its contract only. `estimatorConformance` is called once for each implementation. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createSession, loadOnnxruntime } from '../../graph/index.ts'
import { type AnyEstimator, type Examples, examplesOf, likeliest, type Params, type Predictor, scoreOf } from '../index.ts'
import { drawn, withRows } from './examples.ts'

export interface EstimatorConformanceOptions {
  /** It takes missing values. */
  readonly missing?: boolean
  /** It takes categories as such. */
  readonly categories?: boolean
  /** Of ONNX against its own outputs, relative to the largest of them. Default 1e-5: ONNX computes in float32. */
  readonly tolerance?: number
  /** Parameters of members of one family, for those that have families. */
  readonly members?: readonly Params[]
}

/** @param make a small one, that learns in milliseconds */
export function estimatorConformance(name: string, make: () => AnyEstimator, options: EstimatorConformanceOptions = {}): void {
  const { missing = false, categories = false, tolerance = 1e-5, members } = options
  const { task } = make()
  const data = (seed: number, rows = 150) => drawn({ seed, rows, task, missing, categories })
  const seeds = [1, 2]

  suite(`estimator: ${name}`, () => {
    test('it has its name, and parameters that are plain data', () => {
      const estimator = make()
      assert.equal(estimator.name, name)
      assert.deepEqual(JSON.parse(JSON.stringify(estimator.getParams())), estimator.getParams())
      assert.deepEqual(estimator.withParams({}).getParams(), estimator.getParams())
      assert.deepEqual(estimator.withParams(estimator.getParams()).getParams(), estimator.getParams())
      assert.throws(() => estimator.withParams({ nonsense: 1 }), { code: 'UNKNOWN_OPTION', message: /nonsense/ })
    })

    test('the same data, parameters and seed give the same numbers, with any number of threads, and fitting changes nothing', async () => {
      const estimator = make()
      const params = JSON.stringify(estimator.getParams())
      for (const seed of seeds) {
        const examples = data(seed)
        const before = JSON.stringify([[...examples.x], [...(examples.y as Float64Array)]])
        const first = (await estimator.fit(examples, { seed })).outputs(examples)
        for (const threads of [1, 3]) assert.deepEqual((await make().fit(examples, { seed, threads })).outputs(examples), first)
        assert.deepEqual((await make().fit(examples, { seed })).outputs(examples), first)
        assert.equal(JSON.stringify([[...examples.x], [...(examples.y as Float64Array)]]), before)
      }
      assert.equal(JSON.stringify(estimator.getParams()), params)
    })

    test('it learns: better on new rows than what needs no features', async () => {
      const examples = data(4, 400)
      const [train, held] = [withRows(examples, 0, 300), withRows(examples, 300, 400)]
      const y = held.y as Float64Array
      const most = Math.max(...[...new Set(y)].map((label) => y.filter((one) => one === label).length)) / y.length
      const score = (await make().fit(train)).score(held)
      assert.ok(score > (task === 'regression' ? 0.2 : most + 0.1), `its score is ${score}`)
    })

    test('outputs are probabilities or values; predict and score follow from them', async () => {
      for (const seed of seeds) {
        const examples = data(seed)
        const predictor = await make().fit(examples)
        const { width } = predictor
        const outputs = predictor.outputs(examples)
        assert.equal(outputs.length, examples.rows * width)
        assert.ok(outputs.every(Number.isFinite))
        if (task === 'classification') {
          assert.equal(width, examples.classes?.length)
          for (let row = 0; row < examples.rows; row++) {
            const some = outputs.subarray(row * width, (row + 1) * width)
            assert.ok(some.every((p) => p >= 0 && p <= 1 + 1e-9))
            assert.ok(Math.abs(some.reduce((sum, p) => sum + p, 0) - 1) < 1e-6)
          }
        } else assert.equal(width, 1)
        const predicted = predictor.predict(examples)
        assert.deepEqual(predicted, task === 'classification' ? likeliest(outputs, width) : outputs)
        assert.equal(predictor.score(examples), scoreOf(task, name, width, predicted, examples))
      }
    })

    test('what is predicted for a row does not depend on the rows beside it', async () => {
      const examples = data(5)
      const predictor = await make().fit(examples)
      const { width } = predictor
      const outputs = predictor.outputs(examples)
      for (const [start, end] of [
        [0, 1],
        [7, 8],
        [20, 37],
        [149, 150],
      ] as const)
        assert.deepEqual(predictor.outputs(withRows(examples, start, end)), outputs.slice(start * width, end * width))
      assert.equal(predictor.outputs(withRows(examples, 0, 0)).length, 0)
    })

    test('it says what it learned from', async () => {
      const examples = data(1)
      const predictor = await make().fit(examples)
      assert.equal(predictor.estimator, name)
      assert.equal(predictor.task, task)
      assert.deepEqual(predictor.params, make().getParams())
      assert.deepEqual(predictor.features, examples.features)
      assert.deepEqual(predictor.classes, examples.classes)
      const { featureImportances } = predictor
      if (featureImportances === undefined) return
      assert.equal(featureImportances.length, examples.features.length)
      assert.ok(Math.abs(featureImportances.reduce((sum, one) => sum + one, 0) - 1) < 1e-9)
    })

    test('progress grows towards its total; an interruption ends it with the reason', async () => {
      const told: [number, number][] = []
      await make().fit(data(1), { onProgress: (done, total) => void told.push([done, total]) })
      assert.ok(told.every(([done, total], i) => done <= total && (i === 0 || done >= (told[i - 1] as [number, number])[0])))
      const reason = new Error('enough')
      await assert.rejects(make().fit(data(1), { signal: AbortSignal.abort(reason) }), reason)
    })

    test('nothing to learn from, or to tell apart, is told', async () => {
      const examples = data(1)
      const y = examples.y as Float64Array
      await assert.rejects(make().fit(withRows(examples, 0, 0)), { code: 'FIT_EMPTY' })
      await assert.rejects(make().fit({ ...examples, y: undefined }), { code: 'NO_TARGET' })
      const odd = y.slice()
      odd[3] = Number.NaN
      await assert.rejects(make().fit({ ...examples, y: odd }), { code: 'FIT_TARGET', message: /row 4/ })
      await assert.rejects(make().fit(examples, { sampleWeight: [1, 2] }), { code: 'FIT_WEIGHTS' })
      await assert.rejects(make().fit(examples, { sampleWeight: y.map(() => -1) }), { code: 'FIT_WEIGHTS' })
      if (task === 'classification') await assert.rejects(make().fit({ ...examples, y: y.map(() => 1) }), { code: 'FIT_ONE_CLASS' })
    })

    test('weights are not ignored', async () => {
      const examples = data(6)
      const weights = Float64Array.from({ length: examples.rows }, (_, row) => (row % 3 === 0 ? 5 : 0.2))
      const [plain, weighted] = [await make().fit(examples), await make().fit(examples, { sampleWeight: weights })]
      assert.notDeepEqual(plain.outputs(data(7)), weighted.outputs(data(7)))
    })

    test('other features than those learned from are named', async () => {
      const examples = data(1)
      const predictor = await make().fit(examples)
      const [first, second, ...rest] = examples.features
      const renamed = { ...examples, features: [{ ...first, name: 'stranger' }, second, ...rest] } as Examples
      for (const ask of [predictor.predict, predictor.outputs, predictor.score]) {
        assert.throws(() => ask(renamed), { code: 'PREDICT_FEATURES', message: /stranger/ })
        assert.throws(() => ask({ ...examples, features: [second, first, ...rest] } as Examples), { code: 'PREDICT_ORDER' })
      }
    })

    test('constant features and as few rows as there can be do not stop it', async () => {
      const examples = data(7)
      const width = examples.features.length
      const constant = examples.x.slice()
      for (let row = 0; row < examples.rows; row++) constant[row * width + 1] = 3
      assert.ok((await make().fit({ ...examples, x: constant })).outputs({ ...examples, x: constant }).every(Number.isFinite))
      const same = { ...examples, x: examples.x.map(() => 1) }
      assert.ok((await make().fit(same)).outputs(same).every(Number.isFinite))
      const few = withRows(examples, 0, 4)
      const two = { ...few, y: Float64Array.of(0, 1, 1, 0) }
      assert.ok((await make().fit(two)).outputs(two).every(Number.isFinite))
    })

    test('ONNX gives the same, and keeps what it is told; JSON is plain', async () => {
      for (const seed of seeds) {
        const examples = data(seed)
        const predictor = await make().fit(examples)
        const onnx = await runOnnx(predictor, examples)
        const own = predictor.outputs(examples)
        const scale = Math.max(1, ...own.map(Math.abs))
        const farthest = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (onnx[i] as number))), 0)
        assert.ok(farthest <= tolerance * scale, `it is ${farthest} away`)
        assert.deepEqual(JSON.parse(JSON.stringify(predictor.toJson())), predictor.toJson())
      }
      const told = (await make().fit(data(1))).toOnnx({ metadata: { note: 'a note to be found again' } })
      assert.ok(Buffer.from(told).includes('a note to be found again'))
    })

    const { family } = make()
    if (family && members)
      test('a member of a family is, number by number, what is fitted alone', async () => {
        const estimator = make()
        const all = members.map((changed) => ({ ...estimator.getParams(), ...changed }))
        for (const seed of seeds) {
          const [examples, held] = [data(seed), data(seed + 10)]
          const fitted = await family.fit(examples, all, { seed })
          assert.equal(fitted.size, all.length)
          const together = [...fitted.outputs(held)].length
          assert.equal(together, all.length)
          let index = 0
          for (const outputs of fitted.outputs(held)) {
            const alone = await estimator.withParams(all[index]).fit(examples, { seed })
            assert.deepEqual(outputs, alone.outputs(held), `outputs of member ${index}`)
            assert.deepEqual(fitted.member(index).outputs(held), alone.outputs(held), `member ${index}`)
            assert.deepEqual(fitted.member(index).toJson(), alone.toJson())
            index++
          }
        }
      })
  })
}

async function runOnnx(predictor: Predictor, examples: Examples): Promise<Float32Array> {
  const ort = await loadOnnxruntime()
  const session = await createSession(ort, predictor.toOnnx(), 1)
  try {
    const { x, rows, features } = examplesOf(examples)
    const { output } = await session.run({ x: new ort.Tensor('float32', x.slice(), [rows, features.length]) }, ['output'])
    return output?.data as Float32Array
  } finally {
    await session.release()
  }
}
