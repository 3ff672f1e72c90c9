/** broadcastTo and sumTo: an adjoint pair, each the other's gradient. */
import { sizeOf } from '../../tensor/index.ts'
import { bindShape, broadcastDims, broadcastIndex } from '../dim.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'

/** Repeats x to the shape of `like`, whose numbers are not used. */
export const broadcastTo: Operator<[x: Value, like: Value]> = operator({
  name: 'broadcastTo',
  call: (x: Value, like: Value) => ({ inputs: [x, like], attrs: {} }),
  infer: (inputs) => {
    const [x, like] = inputs as [TensorType, TensorType]
    const shape = broadcastDims(x.shape, like.shape)
    expect(shape?.join() === like.shape.join(), 'broadcastTo', inputs, 'a first shape that broadcasts to the second')
    return { dtype: x.dtype, shape: like.shape }
  },
  grad: (node, [dy]) => [dy && sumTo(dy, node.inputs[0]!), undefined],
  onnx: (emit, [x, like]) => emit.node('Expand', [x!, emit.node('Shape', [like!])]),
  reference: ([x, like]) => {
    const at = broadcastIndex(x!.shape, like!.shape)
    const data = x!.data.slice(0, 0) as Dense['data']
    const Store = data.constructor as new (n: number) => Dense['data']
    const out = new Store(sizeOf(like!.shape))
    for (let i = 0; i < out.length; i++) out[i] = x!.data[at(i)]!
    return { shape: like!.shape, data: out }
  },
  samples: (random) => [
    { inputs: [floats(random, [3, 1]), floats(random, [2, 3, 4])], differentiate: [0] },
    { inputs: [floats(random, []), floats(random, [2, 3])], differentiate: [0] },
  ],
})

/** Sums a broadcast value back to the shape of `like`, whose numbers are not used. */
export function sumTo(x: Value, like: Value): Value {
  if (x.shape.length === like.shape.length && x.shape.every((dim, i) => dim === like.shape[i])) return x
  return sumToOp(x, like)
}

export const sumToOp: Operator<[x: Value, like: Value]> = operator({
  name: 'sumTo',
  call: (x: Value, like: Value) => ({ inputs: [x], attrs: { shape: like.shape } }),
  infer: (inputs, { shape }) => {
    const [x] = inputs as [TensorType]
    const joined = broadcastDims(shape, x.shape)
    expect(joined?.every((dim, i) => dim === x.shape[i]) === true, 'sumTo', inputs, `a shape that [${shape.join(', ')}] broadcasts to`)
    return { dtype: x.dtype, shape }
  },
  grad: (node, [dy]) => [dy && broadcastTo(dy, node.inputs[0]!)],
  onnx: (emit, [x], node) => {
    const from = node.inputs[0]!.shape
    const to = node.attrs.shape
    const lead = from.length - to.length
    const leading = Array.from({ length: lead }, (_, i) => i)
    const inner = to.flatMap((dim, i) => (dim === 1 && from[lead + i] !== 1 ? [lead + i] : []))
    if (inner.length === 0) return emit.node('ReduceSum', [x!, emit.ints(leading)], { keepdims: 0 })
    const kept = emit.node('ReduceSum', [x!, emit.ints([...leading, ...inner])], { keepdims: 1 })
    return lead === 0 ? kept : emit.node('Squeeze', [kept, emit.ints(leading)])
  },
  reference: ([x], node, bindings) => {
    const shape = bindShape(node.attrs.shape, bindings)
    const data = new Float64Array(sizeOf(shape))
    const at = broadcastIndex(shape, x!.shape)
    for (let i = 0; i < x!.data.length; i++) data[at(i)]! += x!.data[i]!
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [floats(random, [2, 3, 4]), floats(random, [3, 1])], build: (x, like) => sumTo(x!, like!), differentiate: [0] },
    { inputs: [floats(random, [2, 3]), floats(random, [3])], build: (x, like) => sumTo(x!, like!), differentiate: [0] },
    { inputs: [floats(random, [2, 3]), floats(random, [])], build: (x, like) => sumTo(x!, like!), differentiate: [0] },
  ],
})
