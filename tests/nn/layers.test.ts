import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { build } from '../../src/core/registry.ts'
import { grad, graphOf, input, ops, optimize, print, runtimes, type Value } from '../../src/graph/index.ts'
import * as nn from '../../src/nn/index.ts'
import { type Tensor, tensor, viewsOf } from '../../src/tensor/index.ts'
import { apply, distance, type Numbers, vectors } from './run.ts'

interface Case {
  readonly kind: string
  readonly options: object
  readonly training: boolean
  readonly x: Numbers
  readonly y: Numbers
  readonly params: Readonly<Record<string, Numbers>>
  readonly states: Readonly<Record<string, Numbers>>
  readonly after: Readonly<Record<string, Numbers>>
}

const cases = vectors<Case>('layers')

describe('layers equal PyTorch', () => {
  for (const [i, { kind, options, training, x, y, params, states, after }] of cases.entries()) {
    test(`${i}: ${kind} ${JSON.stringify(options)} on [${x.shape}]${training ? ', training' : ''}`, async () => {
      const layer = build<nn.Layer>('layer', nn.layers, { kind, ...options })
      const found = await apply(layer, x, { ...params, ...states }, { training })
      assert.deepEqual([...found.y.shape], [...y.shape])
      assert.ok(distance(found.y.data, y.data) < 1e-7, `${found.y.data} instead of ${y.data}`)
      for (const [name, want] of Object.entries(after)) assert.ok(distance(found.after[name]!.data, want.data) < 1e-7, name)
    })
  }
})

/** One of each layer, with inputs it takes. */
const image = [2, 6, 5]
const samples: Record<string, { layer: nn.Layer; x: readonly number[]; tokens?: number }> = {
  ...Object.fromEntries(
    ['relu', 'relu6', 'leakyRelu', 'elu', 'selu', 'gelu', 'geluTanh', 'silu', 'mish', 'sigmoid', 'hardSigmoid', 'hardSwish', 'tanh']
      .concat(['softsign', 'softplus', 'softmax', 'logSoftmax'])
      .map((kind) => [kind, { layer: build<nn.Layer>('layer', nn.layers, { kind }), x: [4] }]),
  ),
  activation: { layer: nn.activation((x) => ops.square(x)), x: [4] },
  averagePool2d: { layer: nn.averagePool2d(), x: image },
  batchNorm: { layer: nn.batchNorm(), x: image },
  branches: { layer: nn.branches([nn.dense({ units: 2 }), nn.dense({ units: 3 })]), x: [4] },
  conv1d: { layer: nn.conv1d({ filters: 3, kernel: 2 }), x: [2, 5] },
  conv2d: { layer: nn.conv2d({ filters: 3, kernel: 3, padding: 'same', activation: 'relu' }), x: image },
  dense: { layer: nn.dense({ units: 3, activation: 'tanh' }), x: [4] },
  dropout: { layer: nn.dropout({ rate: 0.5 }), x: [4] },
  embedding: { layer: nn.embedding({ tokens: 7, width: 3 }), x: [4], tokens: 7 },
  feedForward: { layer: nn.feedForward({ hidden: 5 }), x: [3, 4] },
  flatten: { layer: nn.flatten(), x: image },
  globalAveragePool2d: { layer: nn.globalAveragePool2d(), x: image },
  globalMaxPool2d: { layer: nn.globalMaxPool2d(), x: image },
  gru: { layer: nn.gru({ units: 3, bidirectional: true }), x: [3, 4] },
  join: { layer: nn.join({ x: nn.dense({ units: 3 }) }) as nn.Layer, x: [4] },
  layer: { layer: nn.layer('scale', (x, scope) => ops.mul(x, scope.param('factor', [1], nn.initializers.ones()))), x: [4] },
  layerNorm: { layer: nn.layerNorm(), x: [3, 4] },
  lstm: { layer: nn.lstm({ units: 3, returnSequences: true }), x: [3, 4] },
  maxPool2d: { layer: nn.maxPool2d(), x: image },
  multiHeadAttention: { layer: nn.multiHeadAttention({ heads: 2, causal: true, dropout: 0.25 }), x: [3, 4] },
  oneHot: { layer: nn.oneHot({ classes: 7 }), x: [4], tokens: 7 },
  permute: { layer: nn.permute([2, 3, 1]), x: image },
  positionalEmbedding: { layer: nn.positionalEmbedding({ length: 5 }), x: [3, 4] },
  rescale: { layer: nn.rescale({ scale: 2, offset: -1 }), x: [4] },
  reshape: { layer: nn.reshape([-1, 10]), x: image },
  residual: { layer: nn.residual([nn.dense({ units: 3 })], { shortcut: nn.dense({ units: 3, bias: false }) }), x: [4] },
  sequential: { layer: nn.sequential([nn.dense({ units: 3 }), nn.relu(), nn.dense({ units: 2 })]), x: [4] },
  transformerBlock: { layer: nn.transformerBlock({ heads: 2, dropout: 0.1, causal: true }), x: [3, 4] },
}

function drawn(shape: readonly number[], draw: () => number): Tensor {
  return tensor('float32', shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw))
}

describe('laws of every layer', () => {
  test('all are here', () => assert.deepEqual(Object.keys(samples).sort(), Object.keys(nn.layers).sort()))

  for (const [kind, { layer, x, tokens }] of Object.entries(samples)) {
    for (const training of [false, true]) {
      test(`${kind}${training ? ', training' : ''}: onnxruntime gives what the reference gives, gradients too, for any batch`, async () => {
        const value = input('x', tokens ? 'int32' : 'float32', ['batch', ...x])
        const traced = nn.traceModel(layer, { x: value }, { training })
        const loss = ops.mean(ops.square(traced.output))
        const wanted = traced.params.map((param) => param.value)
        const outputs: Record<string, Value> = { y: traced.output, loss }
        grad(loss, wanted).forEach((dw, i) => void (outputs[`d.${traced.params[i]!.name}`] = dw))
        for (const state of traced.states) outputs[`next.${state.name}`] = state.next
        const graph = graphOf('layer', outputs, [value])
        const [fast, slow] = [await runtimes.onnxruntime().compile(optimize(graph)), await runtimes.reference().compile(graph)]
        for (const batch of [3, 1]) {
          const draw = random(5).fork(kind)
          const feeds: Record<string, Tensor> = {
            x: tokens
              ? tensor(
                  'int32',
                  [batch, ...x],
                  Array.from({ length: batch * x[0]! }, () => draw.int(tokens)),
                )
              : drawn([batch, ...x], () => draw.normal()),
            ...viewsOf(nn.initialize(traced.params, draw)),
            ...viewsOf(nn.initialize(traced.states, draw)),
          }
          for (const { name, value: mask } of traced.noises) {
            feeds[name] = drawn(
              mask.shape.map((dim) => (typeof dim === 'number' ? dim : batch)),
              () => 2 * draw.int(2),
            )
          }
          const want = await slow.run(feeds)
          const got = await fast.run(feeds)
          for (const [name, { data, shape }] of Object.entries(want)) {
            assert.deepEqual([...got[name]!.shape], [...shape], name)
            assert.ok(
              distance(Array.from(got[name]!.data as Float32Array), Array.from(data as Float32Array)) < 2e-4,
              `${name} in a batch of ${batch}`,
            )
          }
        }
        await fast.release()
      })
    }

    test(`${kind}: an example's output does not depend on the rest of the batch, when not training`, async () => {
      const value = input('x', tokens ? 'int32' : 'float32', ['batch', ...x])
      const traced = nn.traceModel(layer, { x: value }, { training: false })
      assert.equal(traced.noises.length, 0)
      const draw = random(6)
      const given = { ...viewsOf(nn.initialize(traced.params, draw)), ...viewsOf(nn.initialize(traced.states, draw)) }
      const size = x.reduce((a, b) => a * b, 1)
      const all = Array.from({ length: 3 * size }, () => (tokens ? draw.int(tokens) : Math.fround(draw.normal())))
      const plain = Object.fromEntries(Object.entries(given).map(([name, t]) => [name, { shape: t.shape, data: Array.from(t.data) }]))
      const dtype = tokens ? ('int32' as const) : ('float32' as const)
      const whole = await apply(layer, { dtype, shape: [3, ...x], data: all }, plain)
      const last = await apply(layer, { dtype, shape: [1, ...x], data: all.slice(2 * size) }, plain)
      assert.ok(distance(whole.y.data.slice(-last.y.data.length), last.y.data) < 1e-12)
    })
  }
})

describe('dropout', () => {
  test('keeps the mean and what is kept; with rate 0 and outside training it asks for no noise', async () => {
    const x = { shape: [1, 4], data: [1, 2, 3, 4] }
    const mask = { shape: [1, 4], data: [2, 0, 0, 2] }
    assert.deepEqual((await apply(nn.dropout({ rate: 0.5 }), x, { mask }, { training: true })).y.data, [2, 0, 0, 8])
    assert.deepEqual((await apply(nn.dropout({ rate: 0 }), x, {}, { training: true })).y.data, x.data)
    const traced = nn.traceModel(nn.dropout({ rate: 0.2 }), nn.inputsOf({ x: { dtype: 'float32', shape: ['batch', 4] } }), {
      training: true,
    })
    assert.deepEqual(traced.noises.map(({ distribution }) => distribution), [{ kind: 'keep', keep: 0.8 }]) // biome-ignore format: one thought
  })

  test('attention drops its looks: with a mask of ones it is the attention without', async () => {
    const { x, params } = cases.find(({ kind, options }) => kind === 'multiHeadAttention' && 'causal' in options && options.causal)!
    const options = { heads: 2, causal: true }
    const without = await apply(nn.multiHeadAttention(options), x, params)
    const mask = { shape: [2, 2, 4, 4], data: new Array(64).fill(1) }
    const ones = await apply(nn.multiHeadAttention({ ...options, dropout: 0.5 }), x, { ...params, mask }, { training: true })
    assert.ok(distance(ones.y.data, without.y.data) < 1e-7)
  })
})

test('causal attention: a place does not see what comes after it', async () => {
  const { x, params } = cases.find(({ kind, options }) => kind === 'multiHeadAttention' && 'causal' in options && options.causal)!
  const before = await apply(nn.multiHeadAttention({ heads: 2, causal: true }), x, params)
  const changed = { ...x, data: x.data.map((value, i) => (Math.floor(i / 6) % 4 === 3 ? value + 1 : value)) }
  const after = await apply(nn.multiHeadAttention({ heads: 2, causal: true }), changed, params)
  before.y.data.forEach((value, i) => {
    const last = Math.floor(i / 6) % 4 === 3
    assert.equal(Math.abs(after.y.data[i]! - value) > 1e-9, last)
  })
})

test('a hidden dense layer is one gemm and its activation', () => {
  const traced = nn.traceModel(nn.dense({ units: 8, activation: 'relu' }), nn.inputsOf({ x: { dtype: 'float32', shape: ['batch', 4] } }), {
    training: false,
  })
  const lines = print(optimize(graphOf('dense', { y: traced.output }))).split('\n')
  assert.deepEqual(
    lines.flatMap((line) => / = (\w+)\(/.exec(line)?.[1] ?? []),
    ['gemm', 'relu'],
  )
})

describe('mistakes are named', () => {
  const trace = (layer: nn.Layer, ...types: [dtype: 'float32' | 'uint8' | 'int32', shape: (number | string)[]][]) =>
    nn.traceModel(nn.sequential([layer]), nn.inputsOf(Object.fromEntries(types.map(([dtype, shape], i) => [`x${i}`, { dtype, shape }]))), {
      training: true,
    })

  const shapes: [string, nn.Layer, ['float32' | 'uint8' | 'int32', (number | string)[]], RegExp][] = [
    ['dense on bytes', nn.dense({ units: 3, name: 'a' }), ['uint8', ['batch', 4]], /layer 'a' \(dense\) got uint8\[batch, 4\]/],
    ['dense on numbers', nn.dense({ units: 3 }), ['float32', ['batch']], /layer 'dense' \(dense\) got float32\[batch\]/],
    [
      'grey images',
      nn.conv2d({ filters: 1, kernel: 3, name: 'c' }),
      ['float32', ['batch', 28, 28]],
      /layer 'c' .*nn\.reshape\(\[1, 28, 28\]\)/,
    ],
    ['a kernel too large', nn.conv2d({ filters: 1, kernel: 9 }), ['float32', ['batch', 1, 5, 5]], /conv2d.*\[batch, 1, 5, 5\].*kernel/],
    [
      'channels in groups',
      nn.conv2d({ filters: 4, kernel: 1, groups: 2 }),
      ['float32', ['batch', 3, 5, 5]],
      /channels that 2 groups divide/,
    ],
    ['floats as tokens', nn.embedding({ tokens: 3, width: 2 }), ['float32', ['batch', 5]], /embedding.*integers/],
    ['heads', nn.multiHeadAttention({ heads: 3 }), ['float32', ['batch', 5, 4]], /multiHeadAttention.*3 heads/],
    ['a flat sequence', nn.gru({ units: 3 }), ['float32', ['batch', 5]], /gru.*\[batch, time, features\]/],
    [
      'a residual that changes shape',
      nn.residual([nn.dense({ units: 3 })]),
      ['float32', ['batch', 5]],
      /residual.*\[batch, 5\] and float32\[batch, 3\].*shortcut/,
    ],
    ['too long', nn.positionalEmbedding({ length: 4 }), ['float32', ['batch', 5, 2]], /positionalEmbedding.*at most 4/],
    ['reshape', nn.reshape([7]), ['float32', ['batch', 5]], /reshape.*\[batch, 5\].*\[batch, 7\]/],
  ]
  for (const [name, layer, type, message] of shapes) {
    test(name, () => assert.throws(() => trace(layer, type), { code: 'SHAPE_MISMATCH', message }))
  }

  test('several inputs where one is needed, and none of the name', () => {
    assert.throws(() => trace(nn.dense({ units: 3 }), ['float32', ['batch', 2]], ['float32', ['batch', 2]]), {
      code: 'SHAPE_MISMATCH',
      message: /several inputs \(x0, x1\).*nn\.join/,
    })
    const joined = nn.join({ age: nn.batchNorm() }) as nn.Layer
    assert.throws(() => trace(joined, ['float32', ['batch', 2]], ['float32', ['batch', 2]]), {
      code: 'SHAPE_MISMATCH',
      message: /inputs x0, x1 but needs one named 'age'/,
    })
  })

  const options: [string, () => unknown, string, RegExp][] = [
    ['a misspelt option', () => nn.dense({ unit: 3 } as never), 'UNKNOWN_OPTION', /dense has no option 'unit'.*'units'/],
    ['a missing number', () => nn.dense({} as never), 'BAD_OPTION', /dense: option 'units' is undefined/],
    ['half a unit', () => nn.dense({ units: 2.5 }), 'BAD_OPTION', /2\.5/],
    ['an unknown activation', () => nn.dense({ units: 3, activation: 'rleu' as never }), 'UNKNOWN_KIND', /'relu'/],
    ['a rate above 1', () => nn.dropout({ rate: 1.5 }), 'BAD_OPTION', /rate/],
    ['a layer not called', () => nn.sequential([nn.relu as never]), 'BAD_OPTION', /layers\[0\].*not called/],
    ['a name with a dot', () => nn.dense({ units: 3, name: 'a.b' }), 'BAD_OPTION', /name/],
    ['padding', () => nn.conv2d({ filters: 1, kernel: 3, padding: 'SAME' as never }), 'BAD_OPTION', /padding/],
    ['a kernel of three', () => nn.conv2d({ filters: 1, kernel: [3, 3, 3] as never }), 'BAD_OPTION', /kernel/],
    ['filters in groups', () => nn.conv2d({ filters: 3, kernel: 3, groups: 2 }), 'BAD_OPTION', /filters/],
    ['permutation', () => nn.permute([0, 1]), 'BAD_OPTION', /axes/],
  ]
  for (const [name, act, code, message] of options) test(name, () => assert.throws(act, { code, message }))
})
