import { expect, type Operator, operator, type Value } from '../op.ts'
import { bools } from '../samples.ts'

/** True where x is false. */
export const not: Operator<[x: Value]> = operator({
  name: 'not',
  call: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: (inputs) => {
    expect(inputs[0]!.dtype === 'bool', 'not', inputs, 'a bool')
    return { dtype: 'bool', shape: inputs[0]!.shape }
  },
  onnx: (emit, inputs) => emit.node('Not', inputs),
  reference: ([x]) => ({ shape: x!.shape, data: Uint8Array.from(x!.data, (v) => 1 - v) }),
  samples: (random) => [{ inputs: [bools(random, [5])] }],
})
