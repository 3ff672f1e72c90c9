/** The mode of ablations: what is run, in which order, what is told, and that it goes on where it was interrupted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ablate, component, data, nn, optim, training } from '../../src/index.ts'
import { temporary } from './place.ts'

/** Of three columns one decides, one is noise, and one repeats the first with half its weight. */
function rows() {
  const columns = Array.from({ length: 240 }, (_, i) => {
    const decides = Math.sin(i * 12.9898) * 2
    return { decides, noise: Math.cos(i * 78.233), echo: decides / 2 + Math.sin(i * 3.7) / 4, label: decides > 0 ? 'yes' : 'no' }
  })
  return columns
}

const task = training({
  name: 'columns',
  config: { epochs: 3, learningRate: 0.1 },
  objective: { metric: 'accuracy', direction: 'maximize' },
  async data() {
    const frame = data.frame({
      decides: rows().map(({ decides }) => decides),
      noise: rows().map(({ noise }) => noise),
      echo: rows().map(({ echo }) => echo),
      label: rows().map(({ label }) => label),
    })
    const all = frame.dataset({ target: 'label' })
    return { train: all, test: all }
  },
  model: () => nn.sequential([nn.dense({ units: 8, activation: 'tanh', name: 'hidden' }), nn.dense({ units: 2, name: 'logits' })]),
  async train({ config, model, data: { train, test }, fit, evaluate, report }) {
    const learningRate = component('rate', (without) => (without ? 1e-6 : config.learningRate))
    const epochs = fit(model, train, {
      loss: nn.crossEntropy(),
      optimizer: optim.adam({ learningRate }),
      batchSize: 24,
      epochs: config.epochs,
    })
    for await (const epoch of epochs) await report({ step: epoch.index, ...(await evaluate(model, test, ['accuracy'])) })
  },
})

test('the whole comes first, then each part; components that only the training function calls are found by the first', async () => {
  await using there = await temporary()
  const { record, table, status } = await ablate(task, { store: there.store, seeds: 2 })
  assert.equal(status, 'finished')
  const order = record.trials.map(({ without, seed }) => `${without?.join() || 'whole'}/${seed}`)
  assert.deepEqual(order.slice(0, 2), ['whole/0', 'whole/1'])
  const names = new Set(record.trials.flatMap(({ without }) => without ?? []))
  assert.deepEqual([...names].sort(), ['feature:decides', 'feature:echo', 'feature:noise', 'layer:hidden', 'own:rate'])
  assert.equal(record.trials.length, 2 * (1 + names.size))
  const effects = new Map(table.rows.map(({ without, effect }) => [without.join(), effect?.mean as number]))
  assert.ok((effects.get('own:rate') as number) > 0.1, 'nothing is learnt without a learning rate')
  assert.deepEqual(
    [...effects.values()],
    [...effects.values()].sort((a, b) => b - a),
    'the largest effect first',
  )
})

test('what is named is taken away, and two at a time on request', async () => {
  await using there = await temporary()
  const { record, table } = await ablate(task, { store: there.store, components: ['decides', 'echo'], pairs: true, seeds: 1 })
  assert.deepEqual(
    record.trials.map(({ without }) => without),
    [[], ['feature:decides'], ['feature:echo'], ['feature:decides', 'feature:echo']],
  )
  const pair = table.rows.find(({ without }) => without.length === 2)
  const alone = table.rows.filter(({ without }) => without.length === 1)
  assert.ok(
    (pair?.effect?.mean as number) > Math.max(...alone.map(({ effect }) => effect?.mean as number)),
    'each alone is made up for by the other',
  )
})

test('an ablation that was interrupted goes on, and knows the components that were met before', async () => {
  await using there = await temporary()
  const stop = new AbortController()
  const first = await ablate(task, {
    store: there.store,
    study: 'going',
    seeds: 1,
    signal: stop.signal,
    watcher: { ended: () => stop.abort() },
  })
  assert.equal(first.status, 'interrupted')
  assert.ok(first.record.trials.length < 6)
  const { record, status } = await ablate(task, { store: there.store, study: 'going', seeds: 1 })
  assert.equal(status, 'finished')
  assert.deepEqual(
    record.trials.map(({ without, state }) => `${without?.join()} ${state}`).sort(),
    ['', 'feature:decides', 'feature:echo', 'feature:noise', 'layer:hidden', 'own:rate'].map((name) => `${name} finished`).sort(),
  )
})

test('what is not there, the label, and the output are refused before anything runs', async () => {
  await using there = await temporary()
  const refused = (component: string, code: string, message: RegExp) =>
    assert.rejects(ablate(task, { store: there.store, components: [component] }), { code, message })
  await refused('decide', 'ABLATION_UNKNOWN', /'decides'/)
  await refused('layer:hiden', 'ABLATION_UNKNOWN', /'hidden'/)
  await refused('label', 'ABLATION_LABEL', /label/)
  await refused('layer:logits', 'ABLATION_LAYER', /logits/)
  await assert.rejects(ablate(task, { store: there.store, seeds: 0 }), { code: 'BAD_OPTION', message: /seeds/ })
})
