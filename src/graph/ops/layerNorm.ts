import { isFloat, sizeOf } from '../../tensor/index.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { add } from './add.ts'
import { broadcastTo } from './broadcast.ts'
import { matmulOp } from './matmul.ts'
import { mul } from './mul.ts'
import { sum } from './reduce.ts'
import { reshape } from './reshape.ts'
import { sub } from './sub.ts'

export interface LayerNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number
}

/**
 * Layer normalization over the last axis: (x - mean) / sqrt(variance + epsilon) * scale + bias. x [..., n], scale and bias [n].
 * Source: Ba, Kiros, Hinton 2016.
 */
export function layerNorm(x: Value, scale: Value, bias: Value, options: LayerNormOptions = {}): Value {
  return layerNormOp(x, scale, bias, options)[0]
}

/** With the mean and 1 / sqrt(variance + epsilon) of each row [..., 1], which the gradient needs. */
export const layerNormOp: Operator<
  [x: Value, scale: Value, bias: Value, options?: LayerNormOptions],
  readonly [y: Value, mean: Value, inverse: Value]
> = operator({
  name: 'layerNorm',
  call: (x: Value, scale: Value, bias: Value, { epsilon = 1e-5 }: LayerNormOptions = {}) => ({
    inputs: [x, scale, bias],
    attrs: { epsilon },
  }),
  infer: (inputs) => {
    const [x, scale, bias] = inputs as [TensorType, TensorType, TensorType]
    expect(
      isFloat(x.dtype) && x.shape.length >= 1 && typeof x.shape.at(-1) === 'number',
      'layerNorm',
      inputs,
      'floats with a last dimension that is known',
    )
    for (const weight of [scale, bias]) {
      expect(weight.shape.length === 1 && weight.shape[0] === x.shape.at(-1), 'layerNorm', inputs, `scale and bias [${x.shape.at(-1)}]`)
    }
    const row = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }
    return [{ dtype: x.dtype, shape: x.shape }, row, row]
  },
  grad: (node, [dy, dMean, dInverse]) => {
    const [x, scale] = node.inputs as [Value, Value]
    const [, centre, inverse] = node.outputs as [Value, Value, Value]
    const n = x.shape.at(-1) as number
    const flat = (value: Value) => sum(reshape(value, [-1, n]), { axes: [0] })
    const normal = mul(sub(x, centre), inverse)
    let dx: Value | undefined
    let dScale: Value | undefined
    if (dy) {
      const along = mul(dy, normal)
      dScale = flat(along)
      // Row means of dy * scale and of dy * scale * normal as products with the scale: no pass over the matrix of their own.
      const weights = mul(reshape(scale, [1, n]), 1 / n)
      const meanOf = (value: Value) => reshape(matmulOp(weights, reshape(value, [-1, n]), { transposeB: true }), inverse.shape)
      dx = mul(sub(sub(mul(dy, scale), meanOf(dy)), mul(normal, meanOf(along))), inverse)
    }
    // The statistics are rarely used by themselves; where they are, their gradients come on top.
    const whole = [
      dx,
      dMean && broadcastTo(mul(dMean, 1 / n), x),
      dInverse && mul(mul(mul(dInverse, mul(inverse, inverse)), normal), -1 / n),
    ].filter((part) => part !== undefined)
    return [whole.reduce((a, b) => add(a, b)), dScale, dy && flat(dy)]
  },
  onnx: (emit, inputs, { attrs }) =>
    emit.nodes('LayerNormalization', inputs, { axis: -1, epsilon: { float: attrs.epsilon } }, { outputs: 3 }),
  reference: ([x, scale, bias], { attrs }) => {
    const n = x!.shape.at(-1)!
    const shape = [...x!.shape.slice(0, -1), 1]
    const [y, centre, inverse] = [new Float64Array(x!.data.length), new Float64Array(sizeOf(shape)), new Float64Array(sizeOf(shape))]
    for (let r = 0; r < centre.length; r++) {
      const row = Float64Array.from(x!.data.slice(r * n, (r + 1) * n))
      centre[r] = row.reduce((a, b) => a + b, 0) / n
      const variance = row.reduce((total, value) => total + (value - centre[r]!) ** 2, 0) / n
      inverse[r] = 1 / Math.sqrt(variance + attrs.epsilon)
      row.forEach((value, i) => void (y[r * n + i] = (value - centre[r]!) * inverse[r]! * scale!.data[i]! + bias!.data[i]!))
    }
    return [
      { shape: x!.shape, data: y },
      { shape, data: centre },
      { shape, data: inverse },
    ]
  },
  samples: (random) => [
    {
      inputs: [floats(random, [2, 5]), floats(random, [5]), floats(random, [5])],
      build: (x, scale, bias) => layerNormOp(x!, scale!, bias!),
    },
    {
      inputs: [floats(random, [2, 3, 4]), floats(random, [4]), floats(random, [4])],
      build: (x, scale, bias) => layerNorm(x!, scale!, bias!, { epsilon: 0.1 }),
    },
    {
      inputs: [floats(random, [3, 4]), floats(random, [4]), floats(random, [4])],
      build: (x, scale, bias) => layerNormOp(x!, scale!, bias!)[1],
    },
  ],
})
