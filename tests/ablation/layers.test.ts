/** Every kind of layer taken out of the middle of a model: what meets, what stands in, what is refused. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { traced, withoutLayers } from '../../src/ablation/layers.ts'
import { random } from '../../src/core/random.ts'
import type { Field } from '../../src/data/index.ts'
import { ops } from '../../src/graph/index.ts'
import * as nn from '../../src/nn/index.ts'

const floats = (...shape: number[]): Field => ({ dtype: 'float32', shape })
const tokens = (...shape: number[]): Field => ({ dtype: 'int32', shape })
const seen = (fields: Record<string, Field>) => ({ name: 'made', fields, inputs: Object.keys(fields) })
const logits = nn.dense({ units: 2, name: 'logits' })

/** A layer between others, and what becomes of it: nothing to say, a note, or the reason it stays. */
interface Case {
  readonly x: Field
  readonly model: readonly nn.Layer[]
  readonly gone: string
  readonly note?: RegExp
  readonly refused?: RegExp
}

const activations = [
  ...['elu', 'gelu', 'geluTanh', 'hardSigmoid', 'hardSwish', 'leakyRelu', 'logSoftmax', 'mish', 'relu', 'relu6', 'selu'],
  ...['sigmoid', 'silu', 'softmax', 'softplus', 'softsign', 'tanh'],
] as const
const make = nn.layers as unknown as Record<string, (options?: object) => nn.Layer>

const cases: Record<string, Case | readonly Case[]> = {
  ...Object.fromEntries(
    activations.map((kind) => [kind, { x: floats(3), model: [nn.dense({ units: 4 }), make[kind]!(), logits], gone: kind }]),
  ),
  activation: {
    x: floats(3),
    model: [nn.dense({ units: 4 }), nn.activation((x) => ops.mul(x, x), { name: 'square' }), logits],
    gone: 'square',
  },
  batchNorm: { x: floats(3), model: [nn.batchNorm(), logits], gone: 'batchNorm' },
  layerNorm: { x: floats(3), model: [nn.layerNorm(), logits], gone: 'layerNorm' },
  dropout: [
    { x: floats(3), model: [nn.dropout({ rate: 0.5 }), logits], gone: 'dropout' },
    { x: floats(3), model: [logits, nn.dropout({ rate: 0.5 })], gone: 'dropout' },
  ],
  dense: [
    { x: floats(3), model: [nn.dense({ units: 4 }), nn.dense({ units: 5 }), logits], gone: 'dense_2' },
    { x: floats(3), model: [nn.dense({ units: 12 }), nn.reshape([1, 3, 4]), nn.flatten(), logits], gone: 'dense', refused: /reshape/ },
    { x: floats(2), model: [nn.dense({ units: 2 }), logits], gone: 'logits', refused: /the model's output/ },
    { x: floats(3), model: [nn.sequential([logits], { name: 'head' })], gone: 'head', refused: /the model's output/ },
    {
      x: floats(3),
      model: [nn.dense({ units: 4 }), nn.sequential([logits], { name: 'head' })],
      gone: 'head.logits',
      refused: /the model's output/,
    },
    { x: floats(3), model: [logits, nn.softmax()], gone: 'softmax', refused: /the model's output/ },
    { x: floats(3), model: [logits, nn.softmax()], gone: 'logits', refused: /float32\[batch, 3\] in place of float32\[batch, 2\]/ },
  ],
  feedForward: { x: floats(3), model: [nn.feedForward(), logits], gone: 'feedForward' },
  conv1d: { x: floats(3, 8), model: [nn.conv1d({ filters: 4, kernel: 3 }), nn.relu(), nn.flatten(), logits], gone: 'conv1d' },
  conv2d: [
    {
      x: floats(1, 8, 8),
      model: [nn.conv2d({ filters: 4, kernel: 3 }), nn.conv2d({ filters: 6, kernel: 3 }), nn.flatten(), logits],
      gone: 'conv2d',
    },
    {
      x: floats(1, 8, 8),
      model: [nn.conv2d({ filters: 4, kernel: 3 }), nn.conv2d({ filters: 6, kernel: 3, groups: 2 }), nn.flatten(), logits],
      gone: 'conv2d',
      refused: /2 groups divide/,
    },
  ],
  maxPool2d: { x: floats(1, 8, 8), model: [nn.maxPool2d(), nn.conv2d({ filters: 2, kernel: 3 }), nn.flatten(), logits], gone: 'maxPool2d' },
  averagePool2d: { x: floats(1, 8, 8), model: [nn.averagePool2d(), nn.flatten(), logits], gone: 'averagePool2d' },
  globalMaxPool2d: { x: floats(3, 4, 4), model: [nn.globalMaxPool2d(), logits], gone: 'globalMaxPool2d', note: /replaced by flatten/ },
  globalAveragePool2d: { x: floats(3, 4, 4), model: [nn.globalAveragePool2d(), logits], gone: 'globalAveragePool2d', note: /flatten/ },
  flatten: [
    { x: floats(1, 4, 4), model: [nn.flatten(), logits], gone: 'flatten', refused: /\[batch, 1, 4, 2\] in place of float32\[batch, 2\]/ },
    { x: floats(4), model: [nn.flatten(), logits], gone: 'flatten', refused: /changes nothing here/ },
    { x: floats(4, 3), model: [nn.flatten(), logits], gone: 'flatten', refused: /in place of/ },
  ],
  reshape: [
    {
      x: floats(8, 8),
      model: [nn.reshape([1, 8, 8]), nn.conv2d({ filters: 2, kernel: 3 }), nn.flatten(), logits],
      gone: 'reshape',
      refused: /conv2d/,
    },
    { x: floats(4, 4), model: [nn.reshape([16]), logits], gone: 'reshape', refused: /in place of/ },
    { x: floats(4, 4), model: [nn.reshape([4, 4]), nn.gru({ units: 3 }), logits], gone: 'reshape', refused: /changes nothing here/ },
    { x: floats(4, 6), model: [nn.reshape([6, 4]), nn.gru({ units: 3 }), logits], gone: 'reshape' },
  ],
  permute: { x: floats(3, 4), model: [nn.permute([2, 1]), nn.gru({ units: 3 }), logits], gone: 'permute' },
  rescale: [
    { x: floats(3), model: [nn.rescale({ scale: 2 }), logits], gone: 'rescale' },
    { x: tokens(3), model: [nn.rescale({ scale: 2 }), logits], gone: 'rescale', note: /the same numbers as floats/ },
  ],
  embedding: [
    { x: tokens(4), model: [nn.embedding({ tokens: 9, width: 3 }), nn.flatten(), logits], gone: 'embedding', refused: /only names/ },
    {
      x: tokens(4),
      model: [nn.branches([nn.embedding({ tokens: 9, width: 3 }), nn.embedding({ tokens: 9, width: 2 })]), nn.flatten(), logits],
      gone: 'branches.embedding_2',
    },
  ],
  oneHot: { x: tokens(4), model: [nn.oneHot({ classes: 9 }), nn.flatten(), logits], gone: 'oneHot', refused: /only names/ },
  positionalEmbedding: { x: floats(4, 3), model: [nn.positionalEmbedding(), nn.flatten(), logits], gone: 'positionalEmbedding' },
  multiHeadAttention: { x: floats(4, 6), model: [nn.multiHeadAttention({ heads: 2 }), nn.flatten(), logits], gone: 'multiHeadAttention' },
  transformerBlock: [
    { x: floats(4, 6), model: [nn.transformerBlock({ heads: 2 }), nn.flatten(), logits], gone: 'transformerBlock' },
    { x: floats(4, 6), model: [nn.transformerBlock({ heads: 2 }), nn.flatten(), logits], gone: 'transformerBlock.attention.heads' },
    {
      x: floats(4, 6),
      model: [nn.transformerBlock({ heads: 2, norm: 'post' }), nn.flatten(), logits],
      gone: 'transformerBlock.attentionNorm',
    },
    { x: floats(4, 6), model: [nn.transformerBlock({ heads: 2 }), nn.transformerBlock({ heads: 3 })], gone: 'transformerBlock_2' },
  ],
  gru: [
    { x: floats(4, 3), model: [nn.gru({ units: 5 }), logits], gone: 'gru', note: /'gru' is replaced by flatten/ },
    { x: floats(4, 3), model: [nn.gru({ units: 5, returnSequences: true }), nn.flatten(), logits], gone: 'gru' },
  ],
  lstm: [
    { x: floats(4, 3), model: [nn.lstm({ units: 5, bidirectional: true }), logits], gone: 'lstm', note: /flatten/ },
    { x: floats(4, 3), model: [nn.lstm({ units: 5, returnSequences: true }), nn.lstm({ units: 5 }), logits], gone: 'lstm' },
  ],
  residual: [
    { x: floats(3), model: [nn.residual([nn.dense({ units: 3 })], { name: 'block' }), logits], gone: 'block' },
    {
      x: floats(3),
      model: [nn.residual([nn.dense({ units: 9 }), nn.dense({ units: 3 })], { name: 'block' }), logits],
      gone: 'block.dense',
    },
    {
      x: floats(3),
      model: [nn.residual([nn.dense({ units: 9 }), nn.dense({ units: 3 })], { name: 'block' }), logits],
      gone: 'block.dense_2',
      refused: /same shape past and through/,
    },
    {
      x: floats(3),
      model: [
        nn.residual([nn.dense({ units: 6 })], { shortcut: nn.dense({ units: 6 }), name: 'wider' }),
        nn.residual([nn.dense({ units: 6 })]),
        logits,
      ],
      gone: 'wider',
      note: /'wider' is replaced by its shortcut/,
    },
    {
      x: floats(3),
      model: [nn.residual([nn.dense({ units: 6 })], { shortcut: nn.dense({ units: 6 }), name: 'wider' }), logits],
      gone: 'wider.shortcut',
      refused: /shortcut/,
    },
    { x: floats(2), model: [logits, nn.residual([nn.dense({ units: 2 })], { name: 'last' })], gone: 'last' },
  ],
  branches: [
    { x: floats(3), model: [nn.branches([nn.dense({ units: 2 }), nn.dense({ units: 3 })]), logits], gone: 'branches' },
    { x: floats(3), model: [nn.branches([nn.dense({ units: 2 }), nn.dense({ units: 3 })]), logits], gone: 'branches.dense' },
    { x: floats(3), model: [nn.branches([nn.dense({ units: 3 }), nn.tanh()], { combine: 'sum' }), logits], gone: 'branches.tanh' },
  ],
  sequential: { x: floats(3), model: [nn.sequential([nn.dense({ units: 5 }), nn.relu()], { name: 'body' }), logits], gone: 'body' },
  layer: [
    { x: floats(4, 3), model: [nn.layer('strongest', (x) => ops.max(x, { axes: [1] })), logits], gone: 'strongest', note: /flatten/ },
    { x: floats(3), model: [nn.layer('double', (x) => ops.mul(x, 2)), logits], gone: 'double' },
    {
      x: floats(3),
      model: [nn.dense({ units: 4 }), nn.layer('four', (x, scope) => ops.add(x, scope.param('b', [4], nn.initializers.ones()))), logits],
      gone: 'dense',
      refused: /four|add/,
    },
  ],
  join: { x: floats(3), model: [nn.join(), logits], gone: 'join' },
}

suite('every kind of layer', () => {
  test('of the registry has a case', () => assert.deepEqual(Object.keys(cases).sort(), Object.keys(nn.layers).sort()))

  for (const [kind, some] of Object.entries(cases)) {
    for (const { x, model, gone, note, refused } of Array.isArray(some) ? (some as readonly Case[]) : [some as Case]) {
      test(`${kind}: without '${gone}'${note ? ', replaced' : refused ? ', refused' : ''}`, () => {
        const whole = nn.sequential(model)
        const dataset = seen({ x })
        const before = traced(whole, dataset)
        assert.ok(typeof before !== 'string', String(before))
        if (refused) {
          assert.throws(() => withoutLayers(whole, [gone], dataset), { code: 'ABLATION_LAYER', message: refused })
          return
        }
        const cut = withoutLayers(whole, [gone], dataset)
        const after = traced(cut.model, dataset)
        assert.ok(typeof after !== 'string', String(after))
        assert.deepEqual([after.output.dtype, after.output.shape], [before.output.dtype, before.output.shape])
        if (note) assert.match(cut.notes.join(), note)
        else assert.deepEqual(cut.notes, [])
        const left = nn.placedLayers(cut.model).map(({ path }) => path)
        if (!note) assert.ok(!left.includes(gone))
        // What is left has the names it had, and so the first numbers wherever shapes are the same.
        const values = (of: nn.Traced) => {
          const { layout, flat } = nn.initialize(of.params, random(3))
          return new Map(
            layout.entries.map(({ name, shape, offset, size }) => [`${name} ${shape}`, flat.slice(offset, offset + size).join()]),
          )
        }
        const old = values(before)
        const names = new Set(before.params.map(({ name }) => name))
        for (const { name } of after.params) assert.ok(names.has(name), name)
        for (const [name, numbers] of values(after)) if (old.has(name)) assert.equal(numbers, old.get(name))
      })
    }
  }
})

suite('several layers', () => {
  const conv = (name: string) => nn.conv2d({ filters: 4, kernel: 3, padding: 'same', name })
  const model = nn.sequential([conv('conv1'), nn.maxPool2d(), conv('conv2'), nn.flatten(), nn.dense({ units: 8, name: 'hidden' }), logits])
  const dataset = seen({ x: floats(1, 8, 8) })
  const left = (names: readonly string[]) => nn.placedLayers(withoutLayers(model, names, dataset).model).map(({ path }) => path)

  test('a group by names, by a beginning, and several at once, also one inside the other', () => {
    assert.deepEqual(left(['conv*']), ['maxPool2d', 'flatten', 'hidden', 'logits'])
    assert.deepEqual(left(['conv1+hidden']), ['maxPool2d', 'conv2', 'flatten', 'logits'])
    assert.deepEqual(left(['conv1', 'hidden', 'conv*']), ['maxPool2d', 'flatten', 'logits'])
    const blocks = nn.sequential([nn.residual([nn.dense({ units: 3, name: 'inner' })], { name: 'block' }), logits])
    const cut = withoutLayers(blocks, ['block', 'block.inner'], seen({ x: floats(3) }))
    assert.deepEqual(nn.placedLayers(cut.model).map(({ path }) => path), ['logits']) // biome-ignore format: one line
  })

  test('an unknown layer gives the nearest; one of a group too; all is too much', () => {
    const refuses = (names: readonly string[], code: string, message: RegExp) =>
      assert.throws(() => withoutLayers(model, names, dataset), { code, message })
    refuses(['hiden'], 'ABLATION_UNKNOWN', /'hiden'.*Did you mean 'hidden'\?/)
    refuses(['hidden+con1'], 'ABLATION_UNKNOWN', /'con1'.*'conv1'/)
    refuses(['block*'], 'ABLATION_UNKNOWN', /'block\*'/)
    refuses(['*'], 'ABLATION_SYNTAX', /everything/)
    refuses(['hidden+'], 'ABLATION_SYNTAX', /empty/)
    refuses(['l*'], 'ABLATION_LAYER', /output/)
  })

  test('the model itself is not changed', () => {
    const before = nn.placedLayers(model).length
    left(['conv*'])
    assert.equal(nn.placedLayers(model).length, before)
  })

  test('a layer that cannot do without its part says so', () => {
    const inner = nn.relu({ name: 'inner' })
    const fixed = { ...nn.layer('fixed', (value, scope) => scope.apply(inner, value)), layers: [inner] }
    assert.throws(() => withoutLayers(nn.sequential([fixed, logits]), ['fixed.inner'], seen({ x: floats(3) })), {
      code: 'ABLATION_LAYER',
      message: /fixed/,
    })
  })

  test('a model for other data than data.train is cut without a trace', () => {
    const other = nn.sequential([nn.conv2d({ filters: 2, kernel: 3 }), nn.flatten(), logits])
    assert.equal(typeof traced(other, seen({ x: floats(8, 8) })), 'string')
    assert.deepEqual(nn.placedLayers(withoutLayers(other, ['conv2d'], seen({ x: floats(8, 8) })).model).length, 2)
  })
})

suite('join', () => {
  const model = nn.sequential([
    nn.join({ job: nn.embedding({ tokens: 9, width: 4 }), age: nn.batchNorm() }),
    nn.dense({ units: 4, name: 'hidden' }),
    logits,
  ])
  const fields = { age: floats(1), job: tokens(), flags: floats(3) }

  test('the layer of an input that is gone goes with it', () => {
    const less = seen({ age: fields.age, flags: fields.flags })
    assert.match(String(traced(model, less)), /one named 'job'/)
    const cut = withoutLayers(model, [], less, ['job']).model
    assert.deepEqual(nn.placedLayers(cut).map(({ path }) => path), ['join', 'join.age', 'hidden', 'logits']) // biome-ignore format: one line
    assert.notEqual(typeof traced(cut, less), 'string')
    const alone = seen({ flags: fields.flags })
    assert.notEqual(typeof traced(withoutLayers(model, ['hidden', 'join.age'], alone, ['job', 'age']).model, alone), 'string')
  })

  test('numbers that are names of classes are not taken for quantities; a norm may go', () => {
    assert.throws(() => withoutLayers(model, ['join.job'], seen(fields)), { code: 'ABLATION_LAYER', message: /feature:job/ })
    assert.equal(nn.findLayer(withoutLayers(model, ['join.age'], seen(fields)).model, 'join.age'), undefined)
    assert.throws(() => withoutLayers(model, ['join'], seen(fields)), { code: 'ABLATION_LAYER', message: /several inputs/ })
  })
})
