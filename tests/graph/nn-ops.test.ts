/** Laws of the neural operators that their samples cannot show: batches of any size, blocks of channels and of queries, sequences. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { grad } from '../../src/graph/grad.ts'
import { type Graph, graphOf } from '../../src/graph/graph.ts'
import { ops } from '../../src/graph/index.ts'
import type { Value } from '../../src/graph/op.ts'
import { input } from '../../src/graph/ops/input.ts'
import { optimize } from '../../src/graph/optimize.ts'
import { onnxruntime } from '../../src/graph/runtimes/onnxruntime.ts'
import { reference } from '../../src/graph/runtimes/reference.ts'
import { floats, ints } from '../../src/graph/samples.ts'
import type { Tensor } from '../../src/tensor/index.ts'

const draw = random(11)

/** Loss and gradients of parameters, with a symbolic batch. */
function stepOf(parameters: Record<string, readonly number[]>, data: Value[], loss: (p: Record<string, Value>) => Value): Graph {
  const p = Object.fromEntries(Object.entries(parameters).map(([name, shape]) => [name, input(name, 'float32', shape)]))
  const total = loss(p)
  const grads = grad(total, Object.values(p))
  return optimize(graphOf('step', { loss: total, ...Object.fromEntries(Object.keys(p).map((name, i) => [`d_${name}`, grads[i]!])) }, data))
}

function valuesOf(parameters: Record<string, readonly number[]>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(parameters).map(([name, shape]) => [name, floats(draw, shape, [-0.4, 0.4])]))
}

async function same(graph: Graph, feeds: readonly Record<string, Tensor>[], threads = 1): Promise<void> {
  const [fast, slow] = [await onnxruntime().compile(graph, { threads }), await reference().compile(graph)]
  try {
    for (const fed of feeds) {
      const [got, want] = [await fast.run(fed), await slow.run(fed)]
      for (const [name, { shape, data }] of Object.entries(want)) {
        assert.deepEqual([...got[name]!.shape], [...shape])
        for (let i = 0; i < data.length; i++) {
          const [a, b] = [Number(got[name]!.data[i]), Number(data[i])]
          assert.ok(Math.abs(a - b) <= 5e-5 * Math.max(1, Math.abs(b)), `${name}[${i}] is ${a} instead of ${b}`)
        }
      }
    }
  } finally {
    await fast.release()
  }
}

describe('a convolutional network in blocks of channels equals the reference', () => {
  const shapes = { w1: [16, 1, 3, 3], b1: [16], w2: [32, 16, 3, 3], b2: [32], scale: [32], bias: [32], w3: [32, 3] }
  const x = input('x', 'float32', ['batch', 1, 8, 8])
  const y = input('y', 'int32', ['batch'])
  const graph = stepOf(shapes, [x, y], (p) => {
    let h = ops.maxPool2d(ops.relu(ops.conv2d(x, p.w1!, { padding: 'same', bias: p.b1! })), 2)
    h = ops.batchNorm(ops.relu(ops.conv2d(h, p.w2!, { padding: 1, bias: p.b2! })), p.scale!, p.bias!)[0]
    h = ops.add(ops.maxPool2d(h, 2), ops.avgPool2d(h, 2))
    return ops.mean(ops.softmaxCrossEntropy(ops.matmul(ops.mean(h, { axes: [2, 3] }), p.w3!), y))
  })
  const parameters = valuesOf(shapes)
  for (const batch of [1, 3, 16, 17]) {
    test(`batch ${batch}`, () => same(graph, [{ ...parameters, x: floats(draw, [batch, 1, 8, 8]), y: ints(draw, [batch], 3) }]))
  }
  test('one session, one batch after another, on two threads', () =>
    same(
      graph,
      [16, 5].map((batch) => ({ ...parameters, x: floats(draw, [batch, 1, 8, 8]), y: ints(draw, [batch], 3) })),
      2,
    ))
})

describe('recurrent networks equal the reference for any batch', () => {
  const x = input('x', 'float32', [5, 'batch', 3])
  for (const [name, gates] of [
    ['gru', 3],
    ['lstm', 4],
  ] as const) {
    const shapes = { input: [gates * 4, 3], hidden: [gates * 4, 4], inputBias: [gates * 4], hiddenBias: [gates * 4] }
    const graph = stepOf(shapes, [x], (p) => {
      const weights = { input: p.input!, hidden: p.hidden!, inputBias: p.inputBias!, hiddenBias: p.hiddenBias! }
      const first = ops[name](x, weights)
      // A second layer on the first one's states, with the same weights for the part from the states.
      const second = ops[name](ops.transpose(first.states, [0, 2, 1]), { ...weights, input: p.hidden! })
      return ops.add(ops.mean(ops.square(second.last)), ops.mean(first.states))
    })
    const parameters = valuesOf(shapes)
    test(name, () =>
      same(
        graph,
        [1, 2, 5].map((batch) => ({ ...parameters, x: floats(draw, [5, batch, 3]) })),
      ),
    )
  }
})

describe('attention', () => {
  const long = 128

  test('causal attention in blocks of queries equals the reference, gradients too', async () => {
    const shapes = { w: [2, 6], o: [2, 2] }
    const x = input('x', 'float32', ['batch', long, 2])
    const graph = stepOf(shapes, [x], (p) => {
      const packed = ops.reshape(ops.matmul(x, p.w!), ['batch', long, 3, 1, 2])
      const [q, k, v] = ops.split(ops.transpose(packed, [2, 0, 3, 1, 4]), 0, 3).map((part) => ops.reshape(part, ['batch', 1, long, 2]))
      const y = ops.attention(q!, k!, v!, { causal: true })
      return ops.mean(ops.square(ops.matmul(ops.reshape(y, ['batch', long, 2]), p.o!)))
    })
    await same(
      graph,
      [1, 3].map((batch) => ({ ...valuesOf(shapes), x: floats(draw, [batch, long, 2]) })),
    )
  })

  test('the future has no influence', async () => {
    const q = input('q', 'float32', [1, 1, long, 2])
    const k = input('k', 'float32', [1, 1, long, 2])
    const executable = await onnxruntime().compile(graphOf('causal', { y: ops.attention(q, k, k, { causal: true }) }))
    const fed = { q: floats(draw, [1, 1, long, 2]), k: floats(draw, [1, 1, long, 2]) }
    const before = (await executable.run(fed)).y!.data as Float32Array
    const changed = Float32Array.from(fed.k.data as Float32Array, (value, i) => (i < 160 ? value : value + 1))
    const after = (await executable.run({ ...fed, k: { ...fed.k, data: changed } as Tensor })).y!.data as Float32Array
    await executable.release()
    assert.deepEqual(after.slice(0, 160), before.slice(0, 160))
    assert.notDeepEqual(after.slice(160), before.slice(160))
  })
})
