import { tensor } from '../../tensor/index.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'

/** Bytes as floats, stored * scale, in one pass over them: how images stay small until they are in the graph. */
export const dequantize: Operator<[x: Value, scale: number]> = operator({
  name: 'dequantize',
  call: (x: Value, scale: number) => ({ inputs: [x], attrs: { scale } }),
  infer: (inputs) => {
    const [x] = inputs as [TensorType]
    expect(x.dtype === 'uint8', 'dequantize', inputs, 'uint8')
    return { dtype: 'float32', shape: x.shape }
  },
  grad: () => [undefined],
  onnx: (emit, [x], node) => emit.node('DequantizeLinear', [x!, emit.float(node.attrs.scale)]),
  // The factor is a float32 in every runtime, so that all multiply by the same number.
  reference: ([x], node) => ({ shape: x!.shape, data: Float64Array.from(x!.data, (v) => v * Math.fround(node.attrs.scale)) }),
  samples: (random) => [
    {
      inputs: [
        tensor(
          'uint8',
          [2, 5],
          Array.from({ length: 10 }, () => random.int(256)),
        ),
      ],
      build: (x) => dequantize(x!, 1 / 255),
    },
  ],
})
