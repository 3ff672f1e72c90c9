import { type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'

/** x itself, but a constant to `grad`. */
export const stopGradient: Operator<[x: Value]> = operator({
  name: 'stopGradient',
  call: (x: Value) => ({ inputs: [x], attrs: {} }),
  infer: ([x]) => ({ dtype: x!.dtype, shape: x!.shape }),
  grad: () => [undefined],
  onnx: (emit, inputs) => emit.node('Identity', inputs),
  reference: ([x]) => x!,
  samples: (random) => [{ inputs: [floats(random, [3])], differentiate: [] }],
})
