import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { graphOf, input, ops, print } from '../../src/graph/index.ts'
import * as nn from '../../src/nn/index.ts'

const x = (...shape: number[]) => nn.inputsOf({ x: { dtype: 'float32', shape: ['batch', ...shape] } })
const names = (model: nn.Model, ...shape: number[]) => nn.traceModel(model, x(...shape), { training: true }).params.map(({ name }) => name)

const deep = () =>
  nn.sequential([
    nn.dense({ units: 4 }),
    nn.relu(),
    nn.residual([nn.layerNorm(), nn.dense({ units: 4 })], { name: 'block' }),
    nn.residual([nn.dense({ units: 6 })], { shortcut: nn.dense({ units: 6 }) }),
    nn.dense({ units: 6 }),
    nn.relu(),
    nn.branches([nn.dense({ units: 2 }), nn.sequential([nn.dense({ units: 3 }), nn.tanh()], { name: 'deep' })]),
    nn.reshape([5, 1]),
    nn.dense({ units: 4 }),
    nn.transformerBlock({ heads: 2, hidden: 3 }),
    nn.flatten(),
    nn.dense({ units: 2, name: 'logits' }),
  ])

describe('names', () => {
  test('follow the path of layers; unnamed ones are numbered by kind', () => {
    const model = nn.sequential([nn.dense({ units: 2 }), nn.dense({ units: 2, name: 'b' }), nn.dense({ units: 2, bias: false })])
    assert.deepEqual(names(model, 3), ['dense.weight', 'dense.bias', 'b.weight', 'b.bias', 'dense_2.weight'])
  })

  test('two parts of one name are refused', () => {
    const twins = nn.sequential([nn.dense({ units: 2, name: 'a' }), nn.dense({ units: 2, name: 'a' })])
    assert.throws(() => names(twins, 3), { code: 'NAME_TAKEN', message: /'a'/ })
    const twice = nn.layer('twice', (value, scope) => {
      const w = () => scope.param('w', [3], nn.initializers.ones())
      return ops.add(ops.mul(value, w()), w())
    })
    assert.throws(() => names(twice, 3), { code: 'NAME_TAKEN', message: /'w'/ })
  })

  test('placedLayers gives the names that tracing gives, for every composite', () => {
    const traced = nn.traceModel(deep(), x(3), { training: true }).layers.map(({ path }) => path)
    const placed = nn.placedLayers(deep()).map(({ path }) => path)
    assert.ok(placed.length > 20)
    for (const path of placed) assert.ok(traced.includes(path), `${path} is not among ${traced}`)
    for (const path of placed) assert.equal(nn.findLayer(deep(), path)!.kind.length > 0, true)
    assert.equal(nn.findLayer(deep(), 'block.nothing'), undefined)
  })
})

describe('training and not', () => {
  test('states move only in training', () => {
    for (const training of [true, false]) {
      const { states } = nn.traceModel(nn.batchNorm(), x(3), { training })
      assert.deepEqual(
        states.map(({ name, value, next }) => [name, value !== next]),
        [
          ['mean', training],
          ['variance', training],
        ],
      )
    }
  })

  test('a layer of your own: weights, state, noise, and a layer inside', () => {
    const own = nn.layer('own', (value, scope) => {
      const seen = scope.state('seen', [], nn.initializers.zeros())
      seen.set(ops.add(seen.value, 1))
      const noisy = ops.add(value, scope.noise('jitter', value.shape, { kind: 'normal' }))
      return scope.apply(nn.dense({ units: 2, name: 'inner' }), noisy)
    })
    const traced = nn.traceModel(nn.sequential([own]), x(3), { training: true })
    assert.deepEqual(
      traced.params.map(({ name, shape }) => `${name} ${shape}`),
      ['own.inner.weight 3,2', 'own.inner.bias 2'],
    )
    assert.deepEqual(
      traced.noises.map(({ name }) => name),
      ['own.jitter'],
    )
    assert.match(print(graphOf('own', { y: traced.output, seen: traced.states[0]!.next })), /own\.inner/)
  })

  test('frozen layers say so', () => {
    const model = nn.sequential([nn.dense({ units: 2, trainable: false }), nn.dense({ units: 2 })])
    const { params } = nn.traceModel(model, x(3), { training: true })
    assert.deepEqual(
      params.map(({ trainable }) => trainable),
      [false, false, true, true],
    )
  })
})

describe('withoutLayer', () => {
  test('takes one layer out; all others keep their names and so their first values', () => {
    const before = nn.placedLayers(deep()).map(({ path }) => path)
    for (const gone of ['relu', 'block.dense', 'block', 'branches.deep.tanh', 'transformerBlock.attention', 'residual.shortcut']) {
      const after = nn.placedLayers(nn.withoutLayer(deep(), gone)).map(({ path }) => path)
      assert.deepEqual(
        after,
        before.filter((path) => path !== gone && !path.startsWith(`${gone}.`)),
        gone,
      )
    }
    const values = (model: nn.Model) => {
      const { params } = nn.traceModel(model, x(4), { training: true })
      const { layout, flat } = nn.initialize(params, random(1))
      return new Map(layout.entries.map(({ name, offset, size }) => [name, flat.slice(offset, offset + size).join()]))
    }
    const model = nn.sequential([nn.dense({ units: 4 }), nn.dense({ units: 4 }), nn.dense({ units: 4 })])
    const [all, cut] = [values(model), values(nn.withoutLayer(model, 'dense_2'))]
    assert.deepEqual([...cut.keys()], ['dense.weight', 'dense.bias', 'dense_3.weight', 'dense_3.bias'])
    for (const [name, numbers] of cut) assert.equal(numbers, all.get(name))
  })

  test('a final star takes all of a prefix', () => {
    const left = nn.placedLayers(nn.withoutLayer(deep(), 'relu*')).map(({ path }) => path)
    assert.ok(!left.some((path) => path.startsWith('relu')))
    assert.ok(left.includes('dense_2'))
  })

  test('the model itself is not changed, and what is left can be traced', () => {
    const model = deep()
    const paths = nn.placedLayers(model).length
    const smaller = nn.withoutLayer(model, 'transformerBlock.feedForward')
    assert.equal(nn.placedLayers(model).length, paths)
    const [all, less] = [nn.summary(model, [3]), nn.summary(smaller, [3])]
    assert.equal(all.parameters - less.parameters, 4 * 3 + 3 + 3 * 4 + 4 + 8)
  })

  test('an empty residual or branch is its input; an unknown name gives the nearest', () => {
    const model = nn.sequential([nn.residual([nn.dense({ units: 3, name: 'only' })], { name: 'block' })])
    const { output } = nn.traceModel(nn.withoutLayer(model, 'block.only'), { x: input('x', 'float32', ['batch', 3]) }, { training: true })
    assert.equal(output.node.op.name, 'input')
    assert.throws(() => nn.withoutLayer(model, 'block.onyl'), { code: 'UNKNOWN_KIND', message: /block\.only/ })
    assert.throws(() => nn.withoutLayer(model, 'x*'), { code: 'UNKNOWN_KIND' })
  })

  test('a layer that cannot do without its part says so', () => {
    const inner = nn.relu({ name: 'inner' })
    const fixed = { ...nn.layer('fixed', (value, scope) => scope.apply(inner, value)), layers: [inner] }
    assert.throws(() => nn.withoutLayer(nn.sequential([fixed]), 'fixed.inner'), { code: 'BAD_OPTION', message: /fixed/ })
  })
})

describe('summary', () => {
  const model = nn.sequential([
    nn.reshape([1, 28, 28]),
    nn.conv2d({ filters: 8, kernel: 5, activation: 'relu', trainable: false }),
    nn.maxPool2d(),
    nn.batchNorm(),
    nn.flatten(),
    nn.residual([nn.dense({ units: 1152 })], { name: 'block' }),
    nn.dense({ units: 10, name: 'logits' }),
  ])

  test('counts', () => {
    const { rows, parameters, trainable, buffers } = model.summary([28, 28])
    assert.deepEqual(
      rows.map(({ path, parameters }) => [path, parameters]),
      [
        ['', 0],
        ['reshape', 0],
        ['conv2d', 208],
        ['maxPool2d', 0],
        ['batchNorm', 16],
        ['flatten', 0],
        ['block', 0],
        ['block.dense', 1152 * 1152 + 1152],
        ['logits', 11530],
      ],
    )
    assert.equal(parameters, 208 + 16 + 1152 * 1153 + 11530)
    assert.equal(parameters - trainable, 208)
    assert.equal(buffers, 16)
    assert.deepEqual(rows.at(-1)!.output, ['batch', 10])
  })

  test('prints a table whose columns are aligned', () => {
    assert.equal(
      String(nn.summary(model, { x: { dtype: 'float32', shape: ['batch', 28, 28] } })),
      [
        'layer       kind       output               parameters',
        '──────────────────────────────────────────────────────',
        'input                  [batch, 28, 28]',
        'reshape                [batch, 1, 28, 28]',
        'conv2d                 [batch, 8, 24, 24]          208',
        'maxPool2d              [batch, 8, 12, 12]',
        'batchNorm              [batch, 8, 12, 12]           16',
        'flatten                [batch, 1152]',
        'block       residual   [batch, 1152]',
        '  dense                [batch, 1152]         1,328,256',
        'logits      dense      [batch, 10]              11,530',
        '──────────────────────────────────────────────────────',
        '1,340,010 parameters (5.1 MiB), 208 of them not trained, 16 numbers in buffers',
      ].join('\n'),
    )
    assert.match(String(nn.summary(nn.dense({ units: 2 }), [3])), /^dense {10}\[batch, 2\] {12}8$/m)
  })

  test('several inputs', () => {
    const tabular = nn.sequential([nn.join({ job: nn.embedding({ tokens: 15, width: 4 }) }), nn.dense({ units: 1 })])
    const types = {
      age: { dtype: 'float32', shape: ['batch'] },
      job: { dtype: 'int32', shape: ['batch'] },
      flags: { dtype: 'uint8', shape: ['batch', 3] },
    } as const
    const found = tabular.summary(types)
    assert.deepEqual(found.rows.find(({ path }) => path === 'join')!.output, ['batch', 8])
    assert.equal(found.parameters, 15 * 4 + 8 + 1)
  })
})
