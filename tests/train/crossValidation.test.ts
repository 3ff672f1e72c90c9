/** Cross-validation: of an estimator by a function, of any training as a training. */
import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { ablated } from '../../src/ablation/index.ts'
import { virtualClock } from '../../src/core/clock.ts'
import { type Column, type Dataset, type Table, table } from '../../src/data/index.ts'
import { component, type DataSplits, nn, optim, type Training, training } from '../../src/index.ts'
import { crossValidate, crossValidated, type FoldRun, foldsOf, meanAndStd, measure, runTraining } from '../../src/train/index.ts'
import { nearestMeanTask, quantities } from './estimatorTasks.ts'
import { clouds, memoryEnvironment } from './fixture.ts'
import { fits, meanRegressor, nearestMean } from './nearestMean.ts'

beforeEach(() => void fits.splice(0))

const network = training({
  name: 'network',
  config: { epochs: 2, learningRate: 0.05 },
  data: () => ({ ...clouds(120).split({ test: 30 }), note: 'kept' }),
  model: () => nn.sequential([nn.dense({ units: 3 })]),
})

suite('crossValidate', () => {
  test('each fold is fitted alone on its training rows and measured on its test rows, all with one seed', async () => {
    const set = clouds(90, { spread: 0.9 })
    const { folds, mean, std } = await crossValidate(nearestMean({ jitter: 0.2 }), set, { cv: 3, seed: 5, threads: 2 })
    assert.deepEqual(
      fits.map(({ seed, threads, rows }) => [seed, threads, rows]),
      folds.map(({ rows }) => [5, 2, rows.train]),
    )
    const alone = await Promise.all(
      foldsOf(set, { cv: 3 }).map(async ({ train, test }) =>
        measure(await nearestMean({ jitter: 0.2 }).fit(set.take(train), { seed: 5 }), set.take(test)),
      ),
    )
    assert.deepEqual(
      folds.map(({ metrics }) => metrics),
      alone,
    )
    const values = alone.map(({ accuracy = 0 }) => accuracy)
    const average = values.reduce((a, b) => a + b) / 3
    assert.ok(Math.abs((mean.accuracy as number) - average) < 1e-15)
    assert.ok(Math.abs((std.accuracy as number) - Math.hypot(...values.map((value) => value - average)) / Math.sqrt(3)) < 1e-15)
    assert.deepEqual({ mean, std }, meanAndStd(alone))
  })

  test('times come from the clock that is handed in; folds are told as they end', async () => {
    const clock = virtualClock()
    const told: string[] = []
    const slow = {
      ...nearestMean(),
      fit: async (...args: Parameters<ReturnType<typeof nearestMean>['fit']>) => {
        await clock.sleep(2000)
        return nearestMean().fit(...args)
      },
    }
    const { folds } = await clock.until(
      crossValidate(slow, clouds(40), { cv: 2, clock, onFold: ({ rows }, index, all) => void told.push(`${index}/${all} ${rows.test}`) }),
    )
    assert.deepEqual(
      folds.map(({ fitSeconds, scoreSeconds }) => [fitSeconds, scoreSeconds]),
      [
        [2, 0],
        [2, 0],
      ],
    )
    assert.deepEqual(
      told,
      folds.map(({ rows }, k) => `${k}/2 ${rows.test}`),
    )
  })

  test('quantities, chosen metrics, refusals, interruption', async () => {
    const { mean } = await crossValidate(meanRegressor(), quantities(50), { cv: 4, metrics: ['mae'] })
    assert.deepEqual(Object.keys(mean), ['mae'])
    const { y: _, ...rest } = clouds(20).columns
    const bare = clouds(20).map(({ x }) => ({ x: x as Float32Array }))
    assert.ok(rest.x)
    await assert.rejects(crossValidate(nearestMean(), bare), { code: 'NO_TARGET' })
    await assert.rejects(crossValidate(nearestMean(), clouds(20), { folds: 3 } as never), { code: 'UNKNOWN_OPTION' })
    const reason = new Error('enough')
    await assert.rejects(crossValidate(nearestMean(), clouds(20), { signal: AbortSignal.abort(reason) }), reason)
  })
})

suite('crossValidated', () => {
  test('an estimator: running means after each fold; the end is what crossValidate gives', async () => {
    const environment = memoryEnvironment({ seed: 3 })
    const { metrics, learned } = await runTraining(crossValidated(nearestMeanTask, { cv: 4 }), { shrink: 0, jitter: 0.3 }, environment)
    const { train } = await nearestMeanTask.data(nearestMeanTask.config)
    const { folds, mean, std } = await crossValidate(nearestMean({ jitter: 0.3 }), train, { cv: 4, seed: 3 })
    assert.deepEqual(metrics, { accuracy: mean.accuracy, accuracyStd: std.accuracy, logLoss: mean.logLoss, logLossStd: std.logLoss })
    assert.equal(learned, undefined)
    assert.deepEqual(
      environment.reports.map(({ step, metrics }) => [step, metrics.accuracy, metrics.accuracyStd]),
      folds.map((_, k) => {
        const some = meanAndStd(folds.slice(0, k + 1).map(({ metrics }) => metrics))
        return [k, some.mean.accuracy, some.std.accuracy]
      }),
    )
  })

  test('a network: each fold starts anew, equals a run of its own on those rows, and keeps no checkpoint', async () => {
    const environment = memoryEnvironment({ seed: 11 })
    const runs: FoldRun[] = []
    const task = crossValidated(network, { cv: { kind: 'kFold', folds: 3 }, perFold: true, onFold: (fold) => runs.push(fold) })
    const { metrics, trained } = await runTraining(task, network.config, environment)
    assert.equal(trained, undefined)
    assert.equal(environment.saved.length, 0)
    assert.equal(environment.reports.length, 3)
    const { train } = await network.data(network.config)
    for (const [k, fold] of foldsOf(train, { cv: { kind: 'kFold', folds: 3 } }).entries()) {
      const alone = { ...network, data: () => ({ train: train.take(fold.train), test: train.take(fold.test), note: 'kept' }) }
      const expected = await runTraining(alone, network.config, memoryEnvironment({ seed: 11 }))
      assert.equal(metrics[`accuracyFold${k}`], expected.metrics.accuracy)
      assert.deepEqual(runs[k]?.metrics, expected.metrics)
      assert.deepEqual(runs[k]?.rows, { train: 60, test: 30 })
    }
  })

  test('whatever else data gives reaches the folds, and the test data is left alone', async () => {
    const seen: unknown[] = []
    const asking = training({
      ...network,
      async train({ data }) {
        seen.push(data.note, data.train.length, data.test.length)
      },
    })
    await runTraining(crossValidated(asking, { cv: 3 }), network.config, memoryEnvironment())
    assert.deepEqual(seen, ['kept', 60, 30, 'kept', 60, 30, 'kept', 60, 30])
  })

  test('without a part: the folds of what lacks it are what lacks it in its folds, be it a layer, a feature or a part of your own', async () => {
    const parts = training({
      ...network,
      data: () => {
        const { x, y } = clouds(90).columns as { x: Column; y: Column }
        return { train: table({ x: { ...x, names: ['east', 'north'] }, y }) }
      },
      model: () => nn.sequential([nn.dense({ units: 3, name: 'hidden' }), nn.dense({ units: 3, name: 'logits' })]),
      train: async ({ model, data, fit, evaluate, report, config }) => {
        const rate = component('rate', (without) => (without ? 0.5 : 0.05))
        await fit(model, data.train, { loss: nn.crossEntropy(), optimizer: optim.sgd({ learningRate: rate }), epochs: config.epochs }).run()
        await report({ step: 0, ...(await evaluate(model, (data as DataSplits).test as Dataset, ['accuracy', 'logLoss'])) })
      },
    })
    const runs = async (task: Training<typeof parts.config, { train: Table }>) =>
      (await runTraining(task, parts.config, memoryEnvironment())).metrics
    const whole = await runs(crossValidated(parts, { cv: 3 }))
    for (const part of ['layer:hidden', 'feature:east', 'own:rate']) {
      const outside = await runs(ablated(crossValidated(parts, { cv: 3 }), [part]))
      assert.deepEqual(outside, await runs(crossValidated(ablated(parts, [part]), { cv: 3 })))
      assert.notEqual(outside.logLoss, whole.logLoss)
    }
  })

  test('a report that ends the run ends the folds', async () => {
    const environment = memoryEnvironment()
    const reason = new Error('pruned')
    const { report } = environment.observer
    environment.observer.report = async (step, metrics) => {
      await report(step, metrics)
      if (step === 1) environment.abort.abort(reason)
    }
    await assert.rejects(runTraining(crossValidated(nearestMeanTask, { cv: 5 }), nearestMeanTask.config, environment), reason)
    assert.equal(environment.reports.length, 2)
    assert.equal(fits.length, 2)
  })

  test('a check is of one fit, and left out; a wrong plan is told at once', async () => {
    const strict = training.fromEstimator({ ...nearestMeanTask, check: () => assert.fail('asked') })
    await runTraining(crossValidated(strict, { cv: 2 }), strict.config, memoryEnvironment())
    assert.throws(() => crossValidated(nearestMeanTask, { cv: 1 }), { code: 'BAD_OPTION' })
    assert.throws(() => crossValidated(nearestMeanTask, { cv: { kind: 'loo' } as never }), { code: 'UNKNOWN_KIND' })
  })
})
