import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Column, table } from '../../src/data/index.ts'
import { ops, runtimes } from '../../src/graph/index.ts'
import * as nn from '../../src/nn/index.ts'
import * as optim from '../../src/optim/index.ts'
import { runTraining, type TrainContext, training } from '../../src/train/index.ts'
import { clouds, type MemoryEnvironment, memoryEnvironment } from './fixture.ts'

type Context = TrainContext<{ epochs: number }, { train: ReturnType<typeof clouds>; test: ReturnType<typeof clouds> }>

function define(
  train: (context: Context) => Promise<void>,
  layers: () => nn.Layer[] = () => [nn.dense({ units: 8, activation: 'tanh' }), nn.dense({ units: 3 })],
) {
  return training({
    name: 'clouds',
    config: { epochs: 4 },
    data: () => ({ train: clouds(100), test: clouds(200, { seed: 2 }) }),
    model: () => nn.sequential(layers()),
    train,
  })
}

const options = (config: { epochs: number }) => ({
  loss: nn.crossEntropy(),
  optimizer: optim.adam({ learningRate: 0.03 }),
  batchSize: 16,
  epochs: config.epochs,
})

/** The trained parameters' bytes, which must agree to the bit. */
async function bitsOf(definition: ReturnType<typeof define>, environment: MemoryEnvironment, epochs = 4): Promise<string> {
  const { trained } = await runTraining(definition, { epochs }, environment)
  return Buffer.from(trained!.variables.params.flat.buffer).toString('hex')
}

const plain = define(async ({ config, model, data, fit, evaluate, report }) => {
  for await (const epoch of fit(model, data.train, options(config)))
    await report({ step: epoch.index, ...(await evaluate(model, data.test, ['accuracy'])) })
})

describe('fit', () => {
  test('learns: three clouds are told apart', async () => {
    const environment = memoryEnvironment()
    const { metrics } = await runTraining(plain, { epochs: 10 }, environment)
    assert.ok(metrics.accuracy! > 0.9, `accuracy ${metrics.accuracy}`)
    assert.deepEqual(
      environment.reports.map(({ step }) => step),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
  })

  test('the confusion matrix agrees with the accuracy', async () => {
    const judged = define(async ({ model, data, fit, evaluate, confusion, report }) => {
      await fit(model, data.train, options({ epochs: 5 })).run()
      const { names, counts } = await confusion(model, data.test, { batchSize: 33 })
      assert.deepEqual(names, ['c0', 'c1', 'c2'])
      const right = counts.reduce((sum, row, c) => sum + row[c]!, 0)
      await report({ step: 0, right: right / 200, ...(await evaluate(model, data.test, ['accuracy'])) })
    })
    const { metrics } = await runTraining(judged, { epochs: 5 }, memoryEnvironment())
    assert.equal(metrics.right, metrics.accuracy)
  })

  test('same seed, same bits; another seed, other bits', async () => {
    const first = await bitsOf(plain, memoryEnvironment())
    assert.equal(await bitsOf(plain, memoryEnvironment()), first)
    assert.notEqual(await bitsOf(plain, memoryEnvironment({ seed: 2 })), first)
  })

  test('the reference runtime learns the same numbers', async () => {
    const fast = await runTraining(plain, { epochs: 1 }, memoryEnvironment())
    const slow = await runTraining(plain, { epochs: 1 }, memoryEnvironment({ runtime: runtimes.reference() }))
    const [a, b] = [fast.trained!.variables.params.flat, slow.trained!.variables.params.flat]
    assert.ok(a.every((x, i) => Math.abs(x - b[i]!) < 1e-4))
  })

  test('steps, epochs and run see the same training', async () => {
    const counts: number[] = []
    const bySteps = define(async ({ config, model, data, fit }) => {
      let steps = 0
      for await (const step of fit(model, data.train, options(config)).steps()) steps = step.index
      counts.push(steps)
    })
    const byRun = define(async ({ config, model, data, fit }) => {
      const last = await fit(model, data.train, options(config)).run()
      counts.push(last!.updates, last!.examples)
    })
    assert.equal(await bitsOf(bySteps, memoryEnvironment()), await bitsOf(byRun, memoryEnvironment()))
    assert.deepEqual(counts, [28, 28, 100]) // 100 rows in batches of 16: 7 a pass, the last one short
  })

  test('accumulated batches equal one large batch', async () => {
    const of = (batchSize: number, accumulate: number) =>
      define(async ({ config, model, data, fit }) => {
        const sgd = optim.sgd({ learningRate: 0.1, momentum: 0.9 })
        await fit(model, data.train.slice(0, 96), {
          loss: nn.crossEntropy(),
          optimizer: sgd,
          batchSize,
          accumulate,
          epochs: config.epochs,
        }).run()
      })
    const whole = await runTraining(of(32, 1), { epochs: 2 }, memoryEnvironment())
    const parts = await runTraining(of(8, 4), { epochs: 2 }, memoryEnvironment())
    const [a, b] = [whole.trained!.variables.params.flat, parts.trained!.variables.params.flat]
    assert.ok(
      a.every((x, i) => Math.abs(x - b[i]!) < 1e-5),
      'parameters differ',
    )
  })

  test('clipping, frozen layers, dropout and batch normalization train', async () => {
    const mixed = define(
      async ({ config, model, data, fit }) => {
        await fit(model, data.train, { ...options(config), optimizer: optim.adamW({ learningRate: 0.03, clipNorm: 1 }) }).run()
      },
      () => [
        nn.dense({ units: 8, trainable: false, name: 'frozen' }),
        nn.batchNorm(),
        nn.relu(),
        nn.dropout({ rate: 0.2 }),
        nn.dense({ units: 3 }),
      ],
    )
    const before = await runTraining(mixed, { epochs: 1 }, memoryEnvironment())
    const after = await runTraining(mixed, { epochs: 4 }, memoryEnvironment())
    const part = (outcome: typeof before, name: string) => {
      const { layout, flat } = outcome.trained!.variables.params
      const { offset, size } = layout.entries.find((entry) => entry.name.includes(name))!
      return Array.from(flat.subarray(offset, offset + size))
    }
    assert.deepEqual(part(before, 'frozen.weight'), part(after, 'frozen.weight'))
    assert.notDeepEqual(part(before, 'dense.weight'), part(after, 'dense.weight'))
    assert.ok(
      after.trained!.variables.states.flat.some((x) => x !== 0 && x !== 1),
      'running statistics moved',
    )
  })

  test('early stopping ends and goes back to the best epoch', async () => {
    const seen: number[] = []
    const stopping = define(async ({ model, data, fit, report }) => {
      const rising = [0.5, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2]
      for await (const epoch of fit(model, data.train, {
        ...options({ epochs: 7 }),
        earlyStopping: { metric: 'score', direction: 'maximize', patience: 2 },
      })) {
        seen.push(epoch.index)
        await report({ step: epoch.index, score: rising[epoch.index]! })
      }
    })
    const stopped = await bitsOf(stopping, memoryEnvironment())
    assert.deepEqual(seen, [0, 1, 2, 3])
    const twoEpochs = define(async ({ model, data, fit }) => void (await fit(model, data.train, options({ epochs: 2 })).run()))
    assert.equal(stopped, await bitsOf(twoEpochs, memoryEnvironment()))
  })
})

describe('targets are what the loss takes them for', () => {
  const { columns } = clouds(64, { classes: 2 })
  const bytes = Uint8Array.from(columns.y!.data as Int32Array)
  const trained = async (y: Column, units: number, loss: () => nn.Loss, metric: 'accuracy' | 'mse') => {
    const train = table({ x: columns.x!, y })
    const definition = training({
      name: 'targets',
      config: {},
      data: () => ({ train }),
      model: () => nn.sequential([nn.dense({ units })]),
      async train({ model, fit, evaluate }) {
        await fit(model, train, { loss: loss(), optimizer: optim.adam({ learningRate: 0.1 }), batchSize: 16, epochs: 20 }).run()
        return evaluate(model, train, [metric])
      },
    })
    return (await runTraining(definition, {}, memoryEnvironment())).metrics
  }

  test('labels in bytes train as labels in int32 do', async () => {
    const whole = await trained({ dtype: 'int32', shape: [], data: Int32Array.from(bytes) }, 2, nn.crossEntropy, 'accuracy')
    assert.deepEqual(await trained({ dtype: 'uint8', shape: [], data: bytes }, 2, nn.crossEntropy, 'accuracy'), whole)
    assert.ok(whole.accuracy! > 0.95, `accuracy ${whole.accuracy}`)
  })

  test('one logit for two classes, with whole labels, named or not', async () => {
    const data = Int32Array.from(bytes)
    for (const names of [{}, { classes: ['no', 'yes'] }]) {
      const { accuracy } = await trained({ dtype: 'int32', shape: [], data, ...names }, 1, nn.binaryCrossEntropy, 'accuracy')
      assert.ok(accuracy! > 0.95, `accuracy ${accuracy}`)
    }
  })

  test('bytes with a scale are the numbers they stand for, in the loss and in the metrics', async () => {
    const scaled: Column = { dtype: 'uint8', shape: [1], scale: 0.5, offset: -1, data: bytes.map((v) => 4 * v) }
    const { mse } = await trained(scaled, 1, nn.meanSquaredError, 'mse')
    const plain: Column = { dtype: 'float32', shape: [1], data: Float32Array.from(bytes, (v) => 2 * v - 1) }
    assert.ok(Math.abs(mse! - (await trained(plain, 1, nn.meanSquaredError, 'mse')).mse!) < 1e-5)
  })

  test('labels in bytes are looked at too', async () => {
    const wrong: Column = { dtype: 'uint8', shape: [], data: bytes.map((v) => v + 1) }
    await assert.rejects(trained(wrong, 2, nn.crossEntropy, 'accuracy'), /the label is 2, but the model tells 2 classes apart/)
  })
})

test('noise has the size of a stacked batch, of a short last one too', async () => {
  const stacked = define(
    async ({ config, model, data, fit }) => void (await fit(model, data.train, options(config)).run()),
    () => [
      nn.dense({ units: 6 }),
      nn.layer('stack', (x, scope) => {
        const pairs = ops.reshape(x, [-1, 2])
        return ops.reshape(ops.mul(pairs, scope.noise('mask', pairs.shape, { kind: 'keep', keep: 0.5 })), x.shape)
      }),
      nn.dense({ units: 3 }),
    ],
  )
  assert.equal(await bitsOf(stacked, memoryEnvironment()), await bitsOf(stacked, memoryEnvironment()))
})

describe('resume', () => {
  const twice = define(
    async ({ config, model, data, fit, evaluate, report }) => {
      for await (const epoch of fit(model, data.train, options(config))) await report({ step: epoch.index, loss: epoch.loss })
      for await (const epoch of fit(model, data.test, { ...options(config), accumulate: 3 })) {
        await report({ step: 10 + epoch.index, ...(await evaluate(model, data.test, ['accuracy'])) })
      }
    },
    () => [nn.dense({ units: 8 }), nn.batchNorm(), nn.relu(), nn.dropout({ rate: 0.3 }), nn.dense({ units: 3 })],
  )

  test('from every checkpoint, to the bit', async () => {
    const whole = memoryEnvironment()
    const want = await bitsOf(twice, whole)
    assert.ok(whole.saved.length >= 8)
    for (const resumeFrom of whole.saved) assert.equal(await bitsOf(twice, memoryEnvironment({ resumeFrom })), want)
  })

  test('interrupted after any number of batches, to the bit, and with the same reports', async () => {
    const whole = memoryEnvironment()
    const want = await bitsOf(twice, whole)
    for (const after of [1, 6, 7, 8, 20, 29, 40, 61]) {
      const first = memoryEnvironment()
      let steps = 0
      const { progress } = first.observer
      first.observer.progress = (now) => {
        progress(now)
        if (now.phase === 'train' && ++steps === after) first.abort.abort(new Error('stop'))
      }
      await assert.rejects(bitsOf(twice, first), /stop/)
      const second = memoryEnvironment({ resumeFrom: first.saved.at(-1)! })
      assert.equal(await bitsOf(twice, second), want, `interrupted after ${after} batches`)
      const merged = new Map([...first.reports, ...second.reports].map(({ step, metrics }) => [step, metrics]))
      assert.deepEqual(merged, new Map(whole.reports.map(({ step, metrics }) => [step, metrics])))
    }
  })

  test('early stopping goes back to a best epoch from before the interruption', async () => {
    const scores = [0.5, 0.9, 0.4, 0.3, 0.2]
    const stopping = define(async ({ model, data, fit, report }) => {
      for await (const epoch of fit(model, data.train, {
        ...options({ epochs: 5 }),
        earlyStopping: { metric: 'score', direction: 'maximize', patience: 3 },
      })) {
        await report({ step: epoch.index, score: scores[epoch.index]! })
      }
    })
    const whole = memoryEnvironment()
    const want = await bitsOf(stopping, whole)
    for (const resumeFrom of whole.saved) assert.equal(await bitsOf(stopping, memoryEnvironment({ resumeFrom })), want)
  })

  test('a changed model is refused, saying what changed', async () => {
    const whole = memoryEnvironment()
    await bitsOf(plain, whole)
    const wider = define(
      async ({ config, model, data, fit }) => void (await fit(model, data.train, options(config)).run()),
      () => [nn.dense({ units: 9, activation: 'tanh' }), nn.dense({ units: 3 })],
    )
    await assert.rejects(bitsOf(wider, memoryEnvironment({ resumeFrom: whole.saved[0]! })), /RESUME|was \[2, 8\] and is now \[2, 9\]/)
    const otherBatch = define(
      async ({ config, model, data, fit }) => void (await fit(model, data.train, { ...options(config), batchSize: 8 }).run()),
    )
    await assert.rejects(bitsOf(otherBatch, memoryEnvironment({ resumeFrom: whole.saved[0]! })), /batchSize was 16 and is now 8/)
  })
})

describe('bad input is refused before training', () => {
  const run = (definition: ReturnType<typeof define>) => runTraining(definition, { epochs: 1 }, memoryEnvironment())

  test('shapes that do not fit name the layer and both shapes', async () => {
    const broken = define(
      async ({ config, model, data, fit }) => void (await fit(model, data.train, options(config)).run()),
      () => [nn.reshape([2, 1]), nn.conv2d({ filters: 3, kernel: 3, name: 'edges' })],
    )
    await assert.rejects(run(broken), /edges.*\[batch, 2, 1\]/s)
  })

  test('labels out of range name the row and the value', async () => {
    const narrow = define(
      async ({ config, model, data, fit }) => void (await fit(model, data.train, options(config)).run()),
      () => [nn.dense({ units: 2 })],
    )
    await assert.rejects(run(narrow), /'y', row \d+: the label is 2, but the model tells 2 classes apart/)
  })

  test('a loss that is not finite says step and learning rate, and keeps the last good checkpoint', async () => {
    const exploding = define(async ({ model, data, fit }) => {
      await fit(model, data.train, {
        loss: nn.crossEntropy(),
        optimizer: optim.sgd({ learningRate: 1e30 }),
        batchSize: 16,
        epochs: 3,
      }).run()
    })
    await assert.rejects(run(exploding), /The loss became (NaN|Infinity|-Infinity) at step \d+ \(learning rate 1e\+30\)/)
  })

  test('weights that overflow in the last step are not kept', async () => {
    const environment = memoryEnvironment()
    const overflowing = define(async ({ model, data, fit }) => {
      // One step: its loss is computed before the weights are ruined.
      await fit(model, data.train, {
        loss: nn.crossEntropy(),
        optimizer: optim.sgd({ learningRate: 3e38 }),
        batchSize: 100,
        epochs: 1,
      }).run()
    })
    const scaled = { ...overflowing, data: () => ({ train: clouds(100, { spread: 1e4 }), test: clouds(10) }) }
    await assert.rejects(
      runTraining(scaled, { epochs: 1 }, environment),
      /weights became infinite or NaN at step 1 .*There is no checkpoint yet/s,
    )
    assert.equal(environment.saved.length, 0)
  })

  test('unknown options and impossible ones', async () => {
    const misspelt = define(
      async ({ model, data, fit }) => void (await fit(model, data.train, { ...options({ epochs: 1 }), batchsize: 3 } as never).run()),
    )
    await assert.rejects(run(misspelt), /fit has no option 'batchsize'. Did you mean 'batchSize'/)
    const none = define(async ({ model, data, fit }) => void (await fit(model, data.train, options({ epochs: 0 })).run()))
    await assert.rejects(run(none), /option 'epochs' is 0/)
  })
})
