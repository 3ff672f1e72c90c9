import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats, ints } from '../samples.ts'
import { mul } from './mul.ts'
import { oneHot } from './oneHot.ts'
import { reshape } from './reshape.ts'

/** One number of each row, by label: x [..., n], labels int32 [...] -> [...]. The look-up of a cross-entropy. */
export const pick: Operator<[x: Value, labels: Value]> = operator({
  name: 'pick',
  call: (x: Value, labels: Value) => ({ inputs: [x, labels], attrs: {} }),
  infer: (inputs) => {
    const [x, labels] = inputs as [TensorType, TensorType]
    const fits = labels.shape.length === x.shape.length - 1 && labels.shape.every((dim, i) => dim === x.shape[i])
    expect(labels.dtype === 'int32' && fits, 'pick', inputs, 'int32 labels of the shape of x without its last dimension')
    return { dtype: x.dtype, shape: labels.shape }
  },
  grad: (node, [dy]) => {
    const [x, labels] = node.inputs as [Value, Value]
    return [dy && mul(reshape(dy, [...dy.shape, 1]), oneHot(labels, x.shape.at(-1) as number)), undefined]
  },
  onnx: (emit, [x, labels]) => {
    const column = emit.node('Unsqueeze', [labels!, emit.ints([-1])])
    return emit.node('Squeeze', [emit.node('GatherElements', [x!, column], { axis: -1 }), emit.ints([-1])])
  },
  reference: ([x, labels]) => {
    const width = x!.shape.at(-1)!
    return { shape: labels!.shape, data: Float64Array.from(labels!.data, (label, i) => x!.data[i * width + label]!) }
  },
  samples: (random) => [{ inputs: [floats(random, [2, 3, 5]), ints(random, [2, 3], 5)] }],
})
