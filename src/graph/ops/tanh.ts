import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** Hyperbolic tangent. */
export const tanh: Operator<[x: Value]> = unary({
  name: 'tanh',
  onnx: 'Tanh',
  of: Math.tanh,
  grad: (_x, y, dy) => mul(dy, sub(1, mul(y, y))),
})
