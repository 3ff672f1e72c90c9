/** Studies as programs ask for them: samplers and pruners of one's own, what goes on and what is refused, and the model that stays. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { data, type hpo, nn, openStore, optim, space, training, tune } from '../../src/index.ts'
import { openModel } from '../../src/run/index.ts'
import { replay } from '../../src/run/trials/replay.ts'
import { temporary } from './place.ts'

const x = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * 12.9898))
const y = Int32Array.from({ length: 60 }, (_, i) => ((x[2 * i] as number) > 0 ? 1 : 0))

const sides = training({
  name: 'sides',
  config: { units: 4, rate: 0.05, kind: 'tanh', epochs: 2 },
  space: { units: space.int(2, 8), rate: space.logUniform(1e-3, 0.3) },
  objective: { metric: 'accuracy', direction: 'maximize' },
  data() {
    const all = data.table({
      x: { dtype: 'float32', shape: [2], data: x },
      y: { dtype: 'int32', shape: [], data: y, classes: ['left', 'right'] },
    })
    return { train: all, test: all }
  },
  model: ({ units }) => nn.sequential([nn.dense({ units, activation: 'tanh' }), nn.dense({ units: 2 })]),
  async train({ config, model, data: { train, test: held }, fit, evaluate, report }) {
    const epochs = fit(model, train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adam({ learningRate: config.rate }),
      batchSize: 12,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) await report({ step: epoch.index, ...(await evaluate(model, held, ['accuracy'])) })
  },
})

/** Each trial has one unit more than the one before. */
const counting: hpo.Sampler = {
  name: 'counting',
  begin: () => ({ ask: (number) => ({ kind: 'point', assignment: { units: 2 + (number % 7), rate: 0.05 } }) }),
}

test('a sampler of one’s own is handed over, and its points are what runs', async () => {
  await using there = await temporary()
  const { record, status, best } = await tune(sides, { store: there.store, sampler: counting, pruner: 'none', trials: 4 })
  assert.equal(status, 'finished')
  assert.deepEqual(
    record.trials.map(({ assignment }) => assignment.units),
    [2, 3, 4, 5],
  )
  assert.equal(record.sampler, 'counting')
  assert.equal(best?.config.epochs, 2, 'the rest of the config is as it was')
})

test('or named as a module, which a study remembers and is replayed with', async () => {
  await using there = await temporary()
  const module = await there.file(
    'backwards.ts',
    `export default (): object => ({ name: 'backwards', begin: () => ({ ask: (number: number) => ({ kind: 'point', assignment: { units: 8 - (number % 7), rate: 0.05 } }) }) })`,
  )
  const first = await tune(sides, { store: there.store, sampler: module, pruner: 'none', trials: 2, study: 'named' })
  const { record } = await tune(sides, { store: there.store, trials: 4, study: 'named' })
  assert.deepEqual(
    record.trials.map(({ assignment }) => assignment.units),
    [8, 7, 6, 5],
  )
  await using store = await openStore({ path: there.store })
  assert.deepEqual((await replay(store, first.study)).differences, [])
  await assert.rejects(tune(sides, { store: there.store, sampler: './nowhere.ts', trials: 1 }), {
    code: 'CUSTOM_MODULE',
    message: /nowhere/,
  })
})

test('a sampler that throws or leaves the space ends the study with its name, and nothing finished is lost', async () => {
  await using there = await temporary()
  const bad = (assignment: () => object): hpo.Sampler => ({
    name: 'bad',
    begin: () => ({ ask: (number) => ({ kind: 'point', assignment: (number < 2 ? { units: 3, rate: 0.1 } : assignment()) as never }) }),
  })
  const wild = bad(() => {
    throw new Error('out of ideas')
  })
  await assert.rejects(tune(sides, { store: there.store, sampler: wild, pruner: 'none', trials: 4, study: 'wild' }), {
    code: 'SAMPLER_THREW',
    message: /'bad'.*out of ideas/,
  })
  const outside = bad(() => ({ units: 99, rate: 0.1 }))
  await assert.rejects(tune(sides, { store: there.store, sampler: outside, pruner: 'none', trials: 4, study: 'outside' }), {
    code: 'SAMPLER_OUTSIDE',
    message: /'units' is 99/,
  })
  const { record } = await tune(sides, { store: there.store, sampler: 'random', pruner: 'none', trials: 4, study: 'wild' })
  assert.deepEqual(
    record.trials.map(({ state, attempts }) => `${state} ${attempts.length}`),
    ['finished 1', 'finished 1', 'finished 1', 'finished 1'],
  )
})

test('the best trial’s model is the study’s, and can be used', async () => {
  await using there = await temporary()
  const { study, best, record } = await tune(sides, { store: there.store, sampler: 'random', trials: 5, pruner: 'none' })
  assert.equal(record.model, best?.number)
  await using store = await openStore({ path: there.store })
  const { signature } = await openModel(study, () => openStore({ path: there.store }))
  assert.deepEqual(signature?.config, best?.config)
  const left = (await store.artifacts(study)).map(({ kind }) => kind)
  assert.deepEqual([...new Set(left)], ['model'], 'no checkpoint of an ended trial stays')
})

test('a study goes on with a wider space; another objective, another training and a second meaning of a key are refused', async () => {
  await using there = await temporary()
  await tune(sides, { store: there.store, study: 's', sampler: 'random', pruner: 'none', trials: 3 })
  const wider = training({ ...sides, space: { ...sides.space, epochs: space.int(1, 3) } })
  const { record } = await tune(wider, { store: there.store, study: 's', sampler: 'tpe', pruner: 'none', trials: 6 })
  assert.equal(record.trials.length, 6)
  assert.ok(record.trials.slice(3).every(({ assignment }) => 'epochs' in assignment))
  const changed = (changes: object, message: RegExp) =>
    assert.rejects(tune(training({ ...sides, ...changes } as typeof sides), { store: there.store, study: 's', trials: 7 }), {
      code: 'STUDY_CHANGED',
      message,
    })
  await changed({ objective: { metric: 'loss', direction: 'minimize' } }, /maximize accuracy.*minimize loss/)
  await changed({ name: 'other' }, /'sides'.*'other'/)
  await changed({ config: { ...sides.config, rate: 'fast' }, space: { units: space.int(2, 8) } }, /'rate' was a number and is now a string/)
})

test('what cannot be is refused before anything runs', async () => {
  await using there = await temporary()
  const refused = (changes: object, options: object, code: string, message: RegExp) =>
    assert.rejects(tune(training({ ...sides, ...changes } as typeof sides), { store: there.store, trials: 2, ...options }), {
      code,
      message,
    })
  await refused({ objective: undefined }, {}, 'OBJECTIVE_MISSING', /objective/)
  await refused({ space: undefined }, {}, 'SPACE_MISSING', /units, rate, kind, epochs/)
  await refused({}, { sampler: 'tpee' }, 'UNKNOWN_KIND', /tpe/)
  await refused({}, { pruner: 'medain' }, 'UNKNOWN_KIND', /median/)
  await refused({}, { sampler: 'grid' }, 'SAMPLER_UNFIT', /rate/)
  await refused({}, { sampler: { kind: 'tpe', startupp: 3 } }, 'UNKNOWN_OPTION', /startup/)
  await refused({}, { engine: 'processes' }, 'ENGINE_NEEDS_FILE', /processes/)
  await refused({}, { enqueue: [{ unitss: 3 }] }, 'ENQUEUE_OUTSIDE', /'units'/)
  await refused({}, { enqueue: [{ units: 99 }] }, 'ENQUEUE_OUTSIDE', /'units' is 99/)
  await refused({}, { warmStart: 'nobody' }, 'STUDY_UNKNOWN', /nobody/)
  await refused({}, { settings: { units: '3', rate: '0.1' } }, 'SPACE_EMPTY', /empty/)
  assert.ok(existsSync(there.store))
})

test('both directions are honoured, and what an older study found warms the next one up', async () => {
  await using there = await temporary()
  for (const direction of ['maximize', 'minimize'] as const) {
    const values = training({
      ...sides,
      name: direction,
      objective: { metric: 'y', direction },
      async train({ config }) {
        return { y: config.units + Math.log10(config.rate) }
      },
    })
    const { best, record, study } = await tune(values, { store: there.store, sampler: 'tpe', trials: 25 })
    const all = record.trials.map(({ values: [value] = [] }) => value as number)
    assert.equal(best?.metrics.y, direction === 'maximize' ? Math.max(...all) : Math.min(...all))
    assert.ok(
      direction === 'maximize' ? (best?.metrics.y as number) > 6.5 : (best?.metrics.y as number) < 0,
      `${direction} came to ${best?.metrics.y}`,
    )
    const warm = await tune(values, { store: there.store, sampler: 'tpe', trials: 5, warmStart: study })
    const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
    const [late, early] = [warm.record.trials, record.trials.slice(0, 5)].map((trials) =>
      mean(trials.map(({ metrics }) => metrics.y as number)),
    )
    assert.ok(
      direction === 'maximize' ? (late as number) > (early as number) : (late as number) < (early as number),
      'it begins where the older one was',
    )
  }
})
