/** Trainings without some of their parts: real ones, run to their end, against the same written by hand. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ablated, componentsOf, everyComponent, planAblation, resolveComponents, summarize, withMet } from '../../src/ablation/index.ts'
import * as data from '../../src/data/index.ts'
import { ops } from '../../src/graph/index.ts'
import * as nn from '../../src/nn/index.ts'
import * as optim from '../../src/optim/index.ts'
import { type Config, component, type DataSplits, runTraining, type Training, training } from '../../src/train/index.ts'
import { clouds, memoryEnvironment } from '../train/fixture.ts'
import { people } from './people.ts'

const config = { hidden: 6, learningRate: 0.1, batchSize: 16, epochs: 1 }

async function run<C extends Config, D extends DataSplits>(one: Training<C, D>, seed = 1) {
  const { metrics, trained } = await runTraining(one, one.config, memoryEnvironment({ seed }))
  assert.ok(trained)
  const { params } = trained.variables
  const bits = params.layout.entries.map(({ name, offset, size }) => `${name} ${[...params.flat.subarray(offset, offset + size)]}`)
  return { metrics, params, bits, names: params.layout.entries.map(({ name }) => name), graph: trained.graph }
}

const body = (hidden: number, left: readonly string[]) =>
  nn.sequential(
    [
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden1' }),
      nn.dropout({ rate: 0.2, name: 'dropout' }),
      nn.dense({ units: hidden, activation: 'relu', name: 'hidden2' }),
      nn.dense({ units: 2, name: 'logits' }),
    ].filter(({ name }) => left.includes(name ?? '')),
  )
const all = ['hidden1', 'dropout', 'hidden2', 'logits']

const tabular = (left = all, features?: readonly string[]) =>
  training({
    name: 'people',
    config,
    objective: { metric: 'accuracy', direction: 'maximize' },
    async data() {
      const { frames } = await people()
      const train = frames.train.dataset({ name: 'people train', target: 'income', ...(features && { features }) })
      return { train, test: frames.test.dataset({ encoding: train.encoding as data.Encoding }) }
    },
    model: ({ hidden }) => body(hidden, left),
  })

suite('an ablated training', () => {
  test('of nothing is the training itself, bit for bit', async () => {
    const [plain, none] = [await run(tabular()), await run(ablated(tabular(), []))]
    assert.deepEqual(none.bits, plain.bits)
    assert.deepEqual(none.metrics, plain.metrics)
  })

  test('without layers equals the one written by hand without them, bit for bit', async () => {
    for (const [gone, left] of [
      [['layer:hidden2'], ['hidden1', 'dropout', 'logits']],
      [['layer:dropout'], ['hidden1', 'hidden2', 'logits']],
      [['layer:hidden*'], ['dropout', 'logits']],
      [
        ['layer:dropout', 'layer:hidden1'],
        ['hidden2', 'logits'],
      ],
    ] as const) {
      const [cut, byHand] = [await run(ablated(tabular(), gone)), await run(tabular([...left]))]
      assert.deepEqual(cut.bits, byHand.bits, gone.join())
      assert.deepEqual(cut.metrics, byHand.metrics)
    }
    assert.notDeepEqual((await run(ablated(tabular(), ['layer:dropout']))).bits, (await run(tabular())).bits)
  })

  test('without features equals the one that never read those columns, bit for bit, and its input is narrower', async () => {
    const byHand = ['age', 'workclass', 'education', 'sex', 'capital-loss']
    const [cut, hand, whole] = [
      await run(ablated(tabular(), ['feature:capital-gain'])),
      await run(tabular(all, byHand)),
      await run(tabular()),
    ]
    assert.deepEqual(cut.bits, hand.bits)
    assert.deepEqual(cut.metrics, hand.metrics)
    const shape = (of: typeof cut) => of.params.layout.entries.find(({ name }) => name === 'hidden1.weight')?.shape
    assert.deepEqual([shape(whole), shape(cut)], [[12, 6], [11, 6]]) // biome-ignore format: one line
    const group = await run(ablated(tabular(), ['feature:workclass+education', 'layer:hidden1']))
    assert.deepEqual(group.params.layout.entries.find(({ name }) => name === 'hidden2.weight')?.shape, [5, 6])
  })

  test('leaves out the check of the whole', async () => {
    const strict = { ...tabular(), check: () => assert.fail('not good enough') }
    await assert.rejects(run(strict), /not good enough/)
    await run(ablated(strict, ['layer:hidden2']))
  })

  test('digits: a layer gone; the output and the image itself are refused', async () => {
    const read = await data.digits({ test: 200 })
    const digits = training({
      name: 'digits',
      config: { ...config, hidden: 16 },
      data: () => ({ train: read.train.slice(0, 400), test: read.test }),
      model: ({ hidden }) =>
        nn.sequential([
          nn.flatten(),
          nn.dense({ units: hidden, activation: 'relu', name: 'hidden' }),
          nn.dense({ units: 10, name: 'logits' }),
        ]),
    })
    const cut = await run(ablated(digits, ['layer:hidden']))
    assert.deepEqual(cut.names, ['logits.weight', 'logits.bias'])
    assert.ok((cut.metrics.accuracy ?? 0) > 0.3)
    await assert.rejects(run(ablated(digits, ['layer:logits'])), { code: 'ABLATION_LAYER', message: /output/ })
    await assert.rejects(run(ablated(digits, ['feature:x'])), { code: 'ABLATION_FEATURES' })
    const found = await componentsOf(digits, digits.config)
    assert.match(found.notes.join(), /'digits' has no named features.*\[1, 28, 28\]/)
    assert.deepEqual(everyComponent(found), ['layer:hidden'])
    assert.match(found.components.find(({ id }) => id === 'layer:flatten')?.refused ?? '', /in place of/)
  })

  test('a recurrent layer gone: what it read goes on in a row, and trains', async () => {
    const notes: string[] = []
    const sequences = training({
      name: 'sequences',
      config,
      data: () => ({ train: clouds(60).map((row) => ({ x: (row.x as Float32Array).slice(), y: row.y as number })) }),
      model: () => nn.sequential([nn.reshape([2, 1]), nn.gru({ units: 3, name: 'memory' }), nn.dense({ units: 3, name: 'logits' })]),
    })
    const cut = await run(ablated(sequences, ['layer:memory'], { note: (text) => notes.push(text) }))
    assert.deepEqual(notes, ["'memory' is replaced by flatten"])
    assert.deepEqual(cut.params.layout.entries.map(({ name, shape }) => `${name} ${shape}`), ['logits.weight 2,3', 'logits.bias 3']) // biome-ignore format: one line
  })

  test('the layer that reads a whole input goes with the input', async () => {
    const mixed = training({
      name: 'mixed',
      config,
      async data() {
        const rows = clouds(60)
        const job = Int32Array.from({ length: 60 }, (_, i) => i % 5)
        const { x, y } = rows.columns
        return { train: data.table({ x: x!, job, y: y! }) }
      },
      model: () => nn.sequential([nn.join({ job: nn.embedding({ tokens: 5, width: 2 }) }), nn.dense({ units: 3, name: 'logits' })]),
    })
    assert.deepEqual((await run(mixed)).names, ['join.job.weight', 'logits.weight', 'logits.bias'])
    assert.deepEqual((await run(ablated(mixed, ['feature:job']))).names, ['logits.weight', 'logits.bias'])
  })
})

/** Components of its own in data, model, a layer, and the training function. */
const owner = (asked: string[] = []) => {
  const ask = <T>(name: string, choose: (without: boolean) => T) =>
    component(name, (without) => {
      asked.push(`${name} ${without}`)
      return choose(without)
    })
  return training({
    name: 'owner',
    config,
    objective: { metric: 'loss', direction: 'minimize' },
    data: async () => {
      const set = clouds(90)
      await Promise.resolve()
      return { train: ask('more', (without) => (without ? set.slice(0, 30) : set)), test: clouds(30, { seed: 2 }) }
    },
    model: ({ hidden }) =>
      nn.sequential([
        ...ask('wide', (without) => (without ? [] : [nn.dense({ units: hidden, activation: 'tanh', name: 'wide' })])),
        nn.layer('twist', (x, scope) =>
          ask('twist', (without) => (without ? x : ops.mul(x, scope.param('by', [x.shape[1] as number], nn.initializers.ones())))),
        ),
        nn.dense({ units: 3, name: 'logits' }),
      ]),
    async train({ model, data: { train, test }, fit, evaluate, report, config }) {
      const learningRate = ask('fast', (without) => (without ? 0.001 : config.learningRate))
      for await (const epoch of fit(model, train, { loss: nn.crossEntropy(), optimizer: optim.sgd({ learningRate }), epochs: 2 })) {
        const { accuracy = 0 } = await evaluate(model, test, ['accuracy'])
        await report({ step: epoch.index, loss: epoch.loss, accuracy, examples: epoch.examples })
      }
    },
  })
}

suite("components of one's own", () => {
  test('in data, model, a layer and the training function: gone where named, and only there', async () => {
    const met = new Set<string>()
    const base = await run(ablated(owner(), [], { met }))
    assert.deepEqual([...met].sort(), ['fast', 'more', 'twist', 'wide'])
    assert.deepEqual(base.bits, (await run(owner())).bits)
    const more = await run(ablated(owner(), ['own:more']))
    assert.equal(base.metrics.examples, 3 * (more.metrics.examples ?? 0))
    assert.deepEqual((await run(ablated(owner(), ['own:wide']))).names, ['twist.by', 'logits.weight', 'logits.bias'])
    const twist = await run(ablated(owner(), ['own:twist']))
    assert.ok(!twist.names.includes('twist.by'))
    assert.ok(!Object.keys(twist.graph.inputs).includes('twist.by'), 'the graph that is kept is that of the ablated model')
    const fast = await run(ablated(owner(), ['own:fast']))
    assert.ok((fast.metrics.loss ?? 0) > (base.metrics.loss ?? 1))
    const two = await run(ablated(owner(), ['own:wide+twist', 'layer:twist']))
    assert.deepEqual(two.names, ['logits.weight', 'logits.bias'])
  })

  test('two trainings at once in one process do not mix', async () => {
    const [first, second, third] = [[], [], []] as string[][]
    await Promise.all([run(ablated(owner(first), ['own:more'])), run(ablated(owner(second), ['own:fast', 'own:twist'])), run(owner(third))])
    const gone = (asked: readonly string[] = []) => [...new Set(asked.filter((text) => text.endsWith(' true')))].sort()
    assert.deepEqual([gone(first), gone(second), gone(third)], [['more true'], ['fast true', 'twist true'], []])
  })

  test('one that nothing calls fails its trial: it would else be worth nothing', async () => {
    await assert.rejects(run(ablated(owner(), ['own:fats'])), { code: 'ABLATION_UNKNOWN', message: /'fats'.*Did you mean 'fast'/ })
    await assert.rejects(run(ablated(owner(), ['own:fast+slow'])), { code: 'ABLATION_UNKNOWN', message: /'slow'/ })
    await run(ablated(owner(), ['own:f*']))
    assert.throws(() => ablated(owner(), ['fast']), { code: 'ABLATION_SYNTAX' })
  })
})

suite('what a training has', () => {
  test('features, layers, components of its own, groups, and why some cannot go', async () => {
    const found = await componentsOf(tabular(), config)
    const about = new Map(found.components.map((one) => [one.id, one]))
    assert.deepEqual(everyComponent(found), [
      ...['age', 'workclass', 'education', 'sex', 'capital-gain', 'capital-loss'].map((name) => `feature:${name}`),
      ...['hidden1', 'dropout', 'hidden2'].map((name) => `layer:${name}`),
    ])
    assert.equal(about.get('feature:education')?.about, '4 of 12 inputs')
    assert.equal(about.get('layer:hidden1')?.about, 'dense, 78 parameters')
    assert.deepEqual(about.get('feature:capital-*')?.members, ['capital-gain', 'capital-loss'])
    assert.deepEqual(about.get('layer:hidden*')?.members, ['hidden1', 'hidden2'])
    assert.match(about.get('layer:logits')?.refused ?? '', /output/)
    assert.deepEqual(found.labels, ['y', 'income'])
    assert.deepEqual(found.notes, [])
    const own = await componentsOf(owner(), config)
    const ids = own.components.filter(({ kind }) => kind === 'own').map(({ id }) => id)
    assert.deepEqual(ids, ['own:more', 'own:wide', 'own:twist'])
    const after = withMet(own, ['fast', 'more'])
    assert.deepEqual(after.components.slice(own.components.length).map(({ id }) => id), ['own:fast']) // biome-ignore format: one line
  })

  test('layers inside blocks are inner ones, those inside a plain sequence are not', async () => {
    const nested = training({
      name: 'nested',
      config,
      data: () => ({ train: clouds(9) }),
      model: () =>
        nn.sequential([
          nn.sequential([nn.dense({ units: 2 }), nn.residual([nn.dense({ units: 2 })], { name: 'block' })], { name: 'body' }),
          nn.dense({ units: 3 }),
        ]),
    })
    const { components } = await componentsOf(nested, config)
    assert.deepEqual(
      components.filter(({ kind, inner }) => kind === 'layer' && !inner).map(({ name }) => name),
      ['body', 'body.dense', 'body.block', 'dense'],
    )
    assert.ok(components.find(({ name }) => name === 'body.block.dense')?.inner)
  })

  test('words are looked up; what they cannot mean is refused with the nearest', async () => {
    const found = await componentsOf(tabular(), config)
    const words = ['age', 'hidden2', 'feature:sex', 'capital*', 'sex+education', 'layer:hidden*', 'own:later', 'age']
    assert.deepEqual(resolveComponents(words, found), [
      ...['feature:age', 'layer:hidden2', 'feature:sex', 'feature:capital*', 'feature:sex+education', 'layer:hidden*', 'own:later'],
    ])
    const refuses = (word: string, code: string, message: RegExp) =>
      assert.throws(() => resolveComponents([word], found), { code, message })
    refuses('agee', 'ABLATION_UNKNOWN', /'agee'.*'age'/)
    refuses('layer:hiden1', 'ABLATION_UNKNOWN', /model.*'hidden1'/)
    refuses('feature:sex+hidden1', 'ABLATION_UNKNOWN', /data.*'hidden1'/)
    refuses('later', 'ABLATION_UNKNOWN', /own:later/)
    refuses('income', 'ABLATION_LABEL', /'income'/)
    refuses('feature:y', 'ABLATION_LABEL', /'y'/)
    refuses('logits', 'ABLATION_LAYER', /output/)
    refuses('layer:h*+logits', 'ABLATION_LAYER', /output/)
    refuses('age+workclass+education+sex+capital*', 'ABLATION_FEATURES', /all/)
    refuses('layer:', 'ABLATION_SYNTAX', /no layer/)
    refuses('age+', 'ABLATION_SYNTAX', /empty/)
    const twins = withMet(found, ['age'])
    assert.throws(() => resolveComponents(['age'], twins), { code: 'ABLATION_AMBIGUOUS', message: /feature:age or own:age/ })
    assert.deepEqual(resolveComponents(['own:age'], twins), ['own:age'])
  })
})

test('a whole ablation: the feature the label was made of is worth most', async () => {
  const seeds = [0, 1, 2]
  const made = training({
    name: 'made',
    config: { ...config, epochs: 6 },
    objective: { metric: 'accuracy', direction: 'maximize' },
    data() {
      const set = clouds(200, { classes: 2 })
      const points = set.columns.x?.data as Float32Array
      const [cause, noise] = [0, 1].map((place) => Float32Array.from({ length: 200 }, (_, i) => points[2 * i + place] as number))
      const y = Int32Array.from(cause as Float32Array, (value) => Number(value > 0))
      const table = data.table({ cause: cause!, noise: noise!, y: { dtype: 'int32', shape: [], data: y, classes: ['no', 'yes'] } })
      return table.split({ test: 60, seed: 1 })
    },
    model: ({ hidden }) =>
      nn.sequential([nn.join(), nn.dense({ units: hidden, activation: 'relu', name: 'hidden' }), nn.dense({ units: 2, name: 'logits' })]),
  })
  const found = await componentsOf(made, made.config)
  const trials = []
  for (const { without, seed } of planAblation({ components: resolveComponents(['cause', 'noise', 'hidden'], found), seeds })) {
    const { metrics } = await runTraining(ablated(made, without), made.config, memoryEnvironment({ seed }))
    trials.push({ without, seed, state: 'finished', metrics })
  }
  const { rows, base } = summarize(trials, { metric: 'accuracy', direction: 'maximize' })
  assert.equal(base.values.length, 3)
  assert.deepEqual(rows[0]?.without, ['feature:cause'])
  assert.ok(rows[0]?.effect?.sure && rows[0].effect.mean > 0.2, JSON.stringify(rows[0]))
  assert.ok(!rows.find(({ without }) => without[0] === 'feature:noise')?.effect?.sure)
})
