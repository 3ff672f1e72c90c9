import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { sign } from './sign.ts'

/** max(0, x). The gradient at 0 is 0, and sign(y) of an output is already that mask. */
export const relu: Operator<[x: Value]> = unary({
  name: 'relu',
  onnx: 'Relu',
  of: (x) => Math.max(0, x),
  grad: (_x, y, dy) => mul(dy, sign(y)),
  domain: [0.1, 2],
})
