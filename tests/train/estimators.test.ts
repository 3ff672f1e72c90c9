/** Trainings of estimators: what they measure, report and hand on; progress, seeds, interruption. */
import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { shiftImages, stream, table } from '../../src/data/index.ts'
import { space, training } from '../../src/index.ts'
import { defaultMetrics, measure, measureOutputs, runTraining } from '../../src/train/index.ts'
import { nearestMeanTask, quantities } from './estimatorTasks.ts'
import { clouds, memoryEnvironment } from './fixture.ts'
import { fits, meanRegressor, nearestMean } from './nearestMean.ts'

beforeEach(() => void fits.splice(0))

suite('training.fromEstimator', () => {
  test('fits on the training data with the seed and threads of the run, and reports once what it measures on the test data', async () => {
    const environment = { ...memoryEnvironment({ seed: 7 }), threads: 3 }
    const { metrics, learned, trained } = await runTraining(nearestMeanTask, nearestMeanTask.config, environment)
    assert.equal(trained, undefined)
    assert.deepEqual(fits, [{ seed: 7, threads: 3, rows: 140 }])
    assert.deepEqual(environment.reports, [{ step: 0, metrics }])
    const { test } = await nearestMeanTask.data(nearestMeanTask.config)
    assert.equal(metrics.accuracy, learned?.score(test))
    assert.deepEqual(Object.keys(metrics), ['accuracy', 'logLoss'])
  })

  test("'auto' leaves the number of threads to the estimator", async () => {
    await runTraining(nearestMeanTask, nearestMeanTask.config, { ...memoryEnvironment(), threads: 3, fitThreads: 'auto' })
    await runTraining(nearestMeanTask, nearestMeanTask.config, { ...memoryEnvironment(), threads: 3, fitThreads: 2 })
    assert.deepEqual(
      fits.map(({ threads }) => threads),
      [undefined, 2],
    )
  })

  test('config reaches the estimator; metrics may be chosen', async () => {
    const task = training.fromEstimator({ ...nearestMeanTask, metrics: ['f1', { kind: 'topK' }] })
    const { metrics, learned } = await runTraining(task, { shrink: 0.9, jitter: 0 }, memoryEnvironment())
    assert.deepEqual(learned?.params, { shrink: 0.9, jitter: 0 })
    assert.deepEqual(Object.keys(metrics), ['f1', 'topK'])
  })

  test('quantities are measured by r2, mae and mse', async () => {
    const task = training.fromEstimator({
      name: 'mean',
      config: {},
      data: () => quantities(90).split({ test: 30 }),
      estimator: meanRegressor,
    })
    const { metrics, learned } = await runTraining(task, {}, memoryEnvironment())
    const { test } = await task.data({})
    assert.deepEqual(Object.keys(metrics), ['r2', 'mae', 'mse'])
    assert.ok(Math.abs((metrics.r2 as number) - (learned?.score(test) as number)) < 1e-12)
  })

  test('progress: the steps of one epoch, then done', async () => {
    const environment = memoryEnvironment()
    const told: string[] = []
    environment.observer.progress = ({ phase, batch, batches, epoch }) => void told.push(`${phase} ${epoch} ${batch}/${batches}`)
    await runTraining(nearestMeanTask, nearestMeanTask.config, environment)
    assert.deepEqual(told, ['learn 0 0/undefined', 'learn 0 1/3', 'learn 0 2/3', 'learn 0 3/3', 'done 1 0/3'])
  })

  test('without test data nothing is measured, and that is said', async () => {
    const task = training.fromEstimator({ name: 'whole', config: {}, data: () => ({ train: clouds(50) }), estimator: () => nearestMean() })
    const environment = memoryEnvironment()
    const said: string[] = []
    environment.observer.log = (_, text) => void said.push(text)
    const { metrics, learned } = await runTraining(task, {}, environment)
    assert.deepEqual(metrics, {})
    assert.ok(learned)
    assert.match(said.join(), /no test data.*--cv/)
  })

  test('an interruption ends the fit with its reason', async () => {
    const environment = memoryEnvironment()
    const reason = new Error('enough')
    environment.observer.progress = () => environment.abort.abort(reason)
    await assert.rejects(runTraining(nearestMeanTask, nearestMeanTask.config, environment), reason)
    assert.deepEqual(environment.reports, [])
  })

  test('check is asked at the end', async () => {
    const task = training.fromEstimator({
      ...nearestMeanTask,
      check: ({ accuracy = 0 }) => assert.ok(accuracy > 1, 'never that good'),
    })
    await assert.rejects(runTraining(task, task.config, memoryEnvironment()), /never that good/)
  })

  test('streams are read into memory; what has no rows is refused', async () => {
    const rows = clouds(60)
    const streamed = stream({
      fields: rows.fields,
      rows: function* () {
        for (let i = 0; i < 60; i++)
          yield { x: rows.columns.x!.data.slice(2 * i, 2 * i + 2) as Float32Array, y: rows.columns.y!.data[i] as number }
      },
      target: 'y',
    })
    const of = (train: ReturnType<typeof clouds>) =>
      training.fromEstimator({ name: 'of', config: {}, data: () => ({ train, test: rows }), estimator: () => nearestMean() })
    const whole = await runTraining(of(rows), {}, memoryEnvironment())
    assert.deepEqual((await runTraining(of(streamed as never), {}, memoryEnvironment())).metrics, whole.metrics)
    const images = table({ x: { dtype: 'uint8', shape: [1, 4, 4], data: new Uint8Array(32) }, y: [0, 1] })
    await assert.rejects(runTraining(of(shiftImages(images) as never), {}, memoryEnvironment()), { code: 'ROWS_NEEDED' })
  })

  test('its context has no model, and says so', async () => {
    const task = training.fromEstimator({ name: 'none', config: {}, data: () => ({ train: clouds(30) }), estimator: () => nearestMean() })
    const asking = { ...task, train: async ({ model }: { model: unknown }) => void model }
    await assert.rejects(runTraining(asking, {}, memoryEnvironment()), { code: 'MODEL_ABSENT', message: /learn\(estimator, data\)/ })
  })

  test('a training function of a network may fit estimators too', async () => {
    const base = training.fromEstimator({ name: 'both', config: {}, data: () => ({ train: clouds(60) }), estimator: () => nearestMean() })
    const task = {
      ...base,
      train: async ({ learn, evaluate, data }: Parameters<typeof base.train>[0]) => {
        const first = await learn(nearestMean({ shrink: 0.5 }), data.train)
        return evaluate(first, clouds(60), ['accuracy'])
      },
    }
    const { metrics, learned } = await runTraining(task, {}, memoryEnvironment())
    assert.equal(metrics.accuracy, learned?.score(clouds(60)))
  })

  test('a definition that is not whole is refused', () => {
    const whole = { name: 'whole', config: { shrink: 0 }, data: () => ({ train: clouds(9) }), estimator: () => nearestMean() }
    assert.throws(() => training.fromEstimator({ ...whole, estimator: 3 as never }), { code: 'TRAINING_INVALID', message: /estimator/ })
    assert.throws(() => training.fromEstimator({ ...whole, data: undefined as never }), { code: 'TRAINING_INVALID' })
    assert.throws(() => training.fromEstimator({ ...whole, space: { shrank: space.uniform(0, 1) } as never }), { code: 'TRAINING_INVALID' })
    // @ts-expect-error a space for a key that the config does not have
    assert.throws(() => training.fromEstimator({ ...whole, space: { other: space.uniform(0, 1) } }))
  })
})

suite('metrics of outputs', () => {
  const chance = random('outputs')
  const rows = 200
  const y = Float64Array.from({ length: rows }, () => chance.int(2))
  const p = Float64Array.from(
    { length: rows },
    (_, i) => Math.round(10 * Math.min(1, Math.max(0, 0.3 + 0.4 * (y[i] as number) + 0.3 * chance.normal()))) / 10,
  )
  const outputs = Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 1 - (p[i >> 1] as number) : (p[i >> 1] as number)))
  const measured = measureOutputs({ task: 'classification', outputs, width: 2, y }, ['accuracy', 'logLoss', 'rocAuc'])

  test('accuracy, log loss and ROC-AUC are those of the probabilities, ties and certainties included', () => {
    const right = y.filter((label, i) => label === Number((p[i] as number) > 1 - (p[i] as number))).length
    assert.equal(measured.accuracy, right / rows)
    const likelihood = y.reduce((sum, label, i) => sum - Math.log(Math.max(label ? (p[i] as number) : 1 - (p[i] as number), 2 ** -52)), 0)
    assert.ok(Math.abs((measured.logLoss as number) - likelihood / rows) < 1e-9)
    let [above, pairs] = [0, 0]
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < rows; j++) {
        if (y[i] !== 1 || y[j] !== 0) continue
        pairs++
        above += (p[i] as number) > (p[j] as number) ? 1 : p[i] === p[j] ? 0.5 : 0
      }
    assert.ok(Math.abs((measured.rocAuc as number) - above / pairs) < 1e-12)
  })

  test('a label that was never learned is a wrong one', () => {
    const { accuracy, logLoss } = measureOutputs(
      { task: 'classification', outputs: Float64Array.of(1, 0, 0, 1), width: 2, y: Float64Array.of(0, 2) },
      ['accuracy', 'logLoss'],
    )
    assert.equal(accuracy, 0.5)
    assert.ok(Math.abs((logLoss as number) - 26 * Math.LN2) < 1e-9)
  })

  test('what is measured where nobody says what', () => {
    assert.deepEqual(defaultMetrics('regression', { y, classes: undefined }), ['r2', 'mae', 'mse'])
    assert.deepEqual(defaultMetrics('classification', { y, classes: undefined }), ['accuracy', 'logLoss', 'rocAuc'])
    assert.deepEqual(defaultMetrics('classification', { y, classes: ['a', 'b', 'c'] }), ['accuracy', 'logLoss'])
    assert.deepEqual(defaultMetrics('classification', { y: Float64Array.of(1, 1), classes: ['a', 'b'] }), ['accuracy', 'logLoss'])
  })

  test('data without a target or without rows is refused', async () => {
    const predictor = await nearestMean().fit(clouds(30))
    assert.throws(() => measure(predictor, table({ x: clouds(3).columns.x! })), { code: 'NO_TARGET' })
    assert.throws(() => measure(predictor, clouds(30).take([])), { code: 'DATA_EMPTY' })
  })
})
