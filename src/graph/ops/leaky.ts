/** Rectifiers that let negative numbers through a little: leakyRelu and elu. At 0 the gradient is that of negative numbers. */
import { isFloat } from '../../tensor/index.ts'
import { expect, type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { add } from './add.ts'
import { greater } from './greater.ts'
import { mul } from './mul.ts'
import { where } from './where.ts'

/** x where it is above 0, else alpha x; default 0.01. */
export const leakyRelu: Operator<[x: Value, alpha?: number]> = leaky({
  name: 'leakyRelu',
  onnx: 'LeakyRelu',
  alpha: 0.01,
  below: (x, alpha) => alpha * x,
  grad: (_y, alpha, dy) => mul(dy, alpha),
})

/** x where it is above 0, else alpha (e^x - 1); default 1. */
export const elu: Operator<[x: Value, alpha?: number]> = leaky({
  name: 'elu',
  onnx: 'Elu',
  alpha: 1,
  below: (x, alpha) => alpha * Math.expm1(x),
  grad: (y, alpha, dy) => mul(dy, add(y, alpha)),
})

interface Leaky {
  readonly name: string
  readonly onnx: string
  readonly alpha: number
  readonly below: (x: number, alpha: number) => number
  /** dx where x is not above 0. */
  readonly grad: (y: Value, alpha: number, dy: Value) => Value
}

function leaky({ name, onnx, alpha: usual, below, grad }: Leaky): Operator<[x: Value, alpha?: number]> {
  const self: Operator<[x: Value, alpha?: number]> = operator({
    name,
    call: (x: Value, alpha = usual) => ({ inputs: [x], attrs: { alpha } }),
    infer: (inputs) => {
      const [x] = inputs as [Value]
      expect(isFloat(x.dtype), name, inputs, 'a float')
      return { dtype: x.dtype, shape: x.shape }
    },
    grad: (node, [dy]) => [dy && where(greater(node.inputs[0]!, 0), dy, grad(node.outputs[0]!, node.attrs.alpha, dy))],
    onnx: (emit, inputs, { attrs }) => emit.node(onnx, inputs, { alpha: { float: attrs.alpha } }),
    reference: ([x], { attrs }) => ({ shape: x!.shape, data: Float64Array.from(x!.data, (v) => (v > 0 ? v : below(v, attrs.alpha))) }),
    samples: (random) => [
      { inputs: [floats(random, [2, 3], [0.1, 2])], build: (x) => self(x!) },
      { inputs: [floats(random, [3], [-2, -0.1])], build: (x) => self(x!, 0.3) },
    ],
  })
  return self
}
