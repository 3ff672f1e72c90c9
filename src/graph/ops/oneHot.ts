import { tensor } from '../../tensor/index.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { ints } from '../samples.ts'

/** Labels [...] to float32 vectors [..., depth], 1 at the label and 0 elsewhere. */
export const oneHot: Operator<[labels: Value, depth: number]> = operator({
  name: 'oneHot',
  call: (labels: Value, depth: number) => ({ inputs: [labels], attrs: { depth } }),
  infer: (inputs, { depth }) => {
    const [labels] = inputs as [TensorType]
    expect(labels.dtype === 'int32', 'oneHot', inputs, 'int32 labels')
    return { dtype: 'float32', shape: [...labels.shape, depth] }
  },
  grad: () => [undefined],
  onnx: (emit, [labels], node) =>
    emit.node('OneHot', [labels!, emit.constant(tensor('int32', [1], [node.attrs.depth])), emit.constant(tensor('float32', [2], [0, 1]))], {
      axis: -1,
    }),
  reference: ([labels], node) => {
    const { depth } = node.attrs
    const data = new Float64Array(labels!.data.length * depth)
    labels!.data.forEach((label, i) => void (data[i * depth + label] = 1))
    return { shape: [...labels!.shape, depth], data }
  },
  samples: (random) => [{ inputs: [ints(random, [2, 3], 4)], build: (labels) => oneHot(labels!, 4) }],
})
