import { tensor } from '../../tensor/index.ts'
import { bindDim, type Dim } from '../dim.ts'
import { type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { constant } from './constant.ts'

/** The size of one dimension of x as a float32 scalar; a constant where it is known at trace time. */
export function dimSize(x: Value, axis: number): Value {
  const dim = x.shape[axis] as Dim
  return typeof dim === 'number' ? constant(tensor('float32', [], [dim])) : dimSizeOp(x, axis)
}

export const dimSizeOp: Operator<[x: Value, axis: number]> = operator({
  name: 'dimSize',
  call: (x: Value, axis: number) => ({ inputs: [x], attrs: { axis } }),
  infer: () => ({ dtype: 'float32', shape: [] }),
  grad: () => [undefined],
  onnx: (emit, [x], node) => {
    const { axis } = node.attrs
    if (node.inputs[0]!.shape.length === 1) return emit.node('Cast', [emit.node('Size', [x!])], { to: 1 })
    const size = emit.node('Shape', [x!], { start: axis, end: axis + 1 })
    return emit.node('Cast', [emit.node('Squeeze', [size, emit.ints([0])])], { to: 1 })
  },
  reference: (_inputs, node, bindings) => {
    const x = node.inputs[0]!
    return { shape: [], data: Float64Array.of(bindDim(x.shape[node.attrs.axis] as Dim, bindings)) }
  },
  samples: (random) => [
    { inputs: [floats(random, [3, 2])], build: (x) => dimSizeOp(x!, 1), differentiate: [] },
    { inputs: [floats(random, [4])], build: (x) => dimSizeOp(x!, 0), differentiate: [] },
  ],
})
