import { type DType, dtypes, isFloat } from '../../tensor/index.ts'
import { storeFor } from '../elementwise.ts'
import { type Operator, operator, type Value } from '../op.ts'
import { bools, floats, ints } from '../samples.ts'

/** The same numbers as another dtype; floats are cut towards zero on their way to integers. */
export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : castOp(x, dtype)
}

export const castOp: Operator<[x: Value, dtype: DType]> = operator({
  name: 'cast',
  call: (x: Value, dtype: DType) => ({ inputs: [x], attrs: { dtype } }),
  infer: ([x], { dtype }) => ({ dtype, shape: x!.shape }),
  grad: (node, [dy]) => [dy && isFloat(node.inputs[0]!.dtype) && isFloat(dy.dtype) ? cast(dy, node.inputs[0]!.dtype) : undefined],
  onnx: (emit, inputs, node) => emit.node('Cast', inputs, { to: dtypes[node.attrs.dtype].onnx }),
  reference: ([x], node) => {
    const { dtype } = node.attrs
    const data = storeFor(dtype, x!.data.length)
    for (let i = 0; i < data.length; i++)
      data[i] = dtype === 'bool' ? Number(x!.data[i] !== 0) : isFloat(dtype) ? x!.data[i]! : Math.trunc(x!.data[i]!)
    return { shape: x!.shape, data }
  },
  samples: (random) => [
    { inputs: [ints(random, [2, 3], 5)], build: (x) => cast(x!, 'float32') },
    { inputs: [floats(random, [4])], build: (x) => cast(x!, 'int32'), differentiate: [] },
    { inputs: [bools(random, [4])], build: (x) => cast(x!, 'float32') },
  ],
})
