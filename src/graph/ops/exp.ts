import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'

/** e^x. */
export const exp: Operator<[x: Value]> = unary({
  name: 'exp',
  onnx: 'Exp',
  of: Math.exp,
  grad: (_x, y, dy) => mul(dy, y),
})
