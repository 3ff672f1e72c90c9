import { sizeOf, stridesOf } from '../../tensor/index.ts'
import { normalizeAxes, storeFor } from '../elementwise.ts'
import { expect, type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { slice } from './slice.ts'

/** Values one after another along an axis of known size. */
export const concat: Operator<[values: readonly Value[], axis: number]> = operator({
  name: 'concat',
  call: (values: readonly Value[], axis: number) => ({ inputs: values, attrs: { axis: normalizeAxes('concat', values[0]!, [axis])[0]! } }),
  infer: (inputs, { axis }) => {
    const first = inputs[0]!
    for (const x of inputs) {
      const fits =
        x.dtype === first.dtype && x.shape.length === first.shape.length && x.shape.every((dim, i) => i === axis || dim === first.shape[i])
      expect(fits && typeof x.shape[axis] === 'number', 'concat', inputs, `the same shape but for axis ${axis}, which must be known`)
    }
    const size = inputs.reduce((total, x) => total + (x.shape[axis] as number), 0)
    return { dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? size : dim)) }
  },
  grad: (node, [dy]) => {
    const { axis } = node.attrs
    let start = 0
    return node.inputs.map((x) => {
      const from = start
      start += x.shape[axis] as number
      return dy && slice(dy, axis, from, start)
    })
  },
  onnx: (emit, inputs, node) => emit.node('Concat', inputs, { axis: node.attrs.axis }),
  reference: (inputs, node) => {
    const { axis } = node.attrs
    const size = inputs.reduce((total, x) => total + x.shape[axis]!, 0)
    const shape = inputs[0]!.shape.map((dim, i) => (i === axis ? size : dim))
    const data = storeFor(node.outputs[0]!.dtype, sizeOf(shape))
    const inner = stridesOf(shape)[axis]!
    let before = 0
    for (const x of inputs) {
      const run = x.shape[axis]! * inner
      for (let i = 0; i < x.data.length; i++) data[Math.floor(i / run) * size * inner + before + (i % run)] = x.data[i]!
      before += run
    }
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [floats(random, [2, 3]), floats(random, [2, 1])], build: (a, b) => concat([a!, b!], 1) },
    { inputs: [floats(random, [2, 2, 2]), floats(random, [1, 2, 2]), floats(random, [1, 2, 2])], build: (...xs) => concat(xs, 0) },
  ],
})
