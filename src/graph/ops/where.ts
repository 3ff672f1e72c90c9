import { isFloat, sizeOf } from '../../tensor/index.ts'
import { broadcastDims, broadcastIndex } from '../dim.ts'
import { storeFor } from '../elementwise.ts'
import { pointwise } from '../onnx/blocked.ts'
import { expect, type Operand, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { bools, floats } from '../samples.ts'
import { sumTo } from './broadcast.ts'

/** a where the condition is true, b elsewhere, with broadcasting. */
export const where: Operator<[condition: Value, a: Operand, b: Operand]> = operator({
  name: 'where',
  call: (condition: Value, a: Operand, b: Operand) => ({ inputs: [condition, a, b], attrs: {} }),
  infer: (inputs) => {
    const [condition, a, b] = inputs as [TensorType, TensorType, TensorType]
    expect(condition.dtype === 'bool' && a.dtype === b.dtype, 'where', inputs, 'a bool condition and two operands of the same dtype')
    const both = broadcastDims(a.shape, b.shape)
    const shape = both && broadcastDims(condition.shape, both)
    expect(shape !== undefined, 'where', inputs, 'shapes that broadcast')
    return { dtype: a.dtype, shape }
  },
  grad: (node, [dy]) => {
    const [condition, a, b] = node.inputs as [Value, Value, Value]
    if (!dy || !isFloat(a.dtype)) return [undefined, undefined, undefined]
    return [undefined, sumTo(where(condition, dy, 0), a), sumTo(where(condition, 0, dy), b)]
  },
  onnx: (emit, inputs, node) =>
    pointwise(
      emit,
      'Where',
      inputs,
      node.inputs.map(({ shape }) => shape),
      node.outputs[0]!.shape,
    ),
  reference: ([condition, a, b], node) => {
    const shape = broadcastDims(condition!.shape, broadcastDims(a!.shape, b!.shape)!) as number[]
    const data = storeFor(node.outputs[0]!.dtype, sizeOf(shape))
    const [ic, ia, ib] = [condition!, a!, b!].map((x) => broadcastIndex(x.shape, shape)) as [typeof Number, typeof Number, typeof Number]
    for (let i = 0; i < data.length; i++) data[i] = condition!.data[ic(i)] ? a!.data[ia(i)]! : b!.data[ib(i)]!
    return { shape, data }
  },
  samples: (random) => [
    { inputs: [bools(random, [2, 3]), floats(random, [2, 3]), floats(random, [3])] },
    { inputs: [bools(random, [3]), floats(random, [2, 1]), floats(random, [])] },
  ],
})
