import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { sign } from './sign.ts'

/** Absolute value; the gradient at 0 is 0. */
export const abs: Operator<[x: Value]> = unary({
  name: 'abs',
  onnx: 'Abs',
  of: Math.abs,
  grad: (x, _y, dy) => mul(dy, sign(x)),
  domain: [0.1, 2],
})
