import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** Logistic function, 1 / (1 + e^-x). */
export const sigmoid: Operator<[x: Value]> = unary({
  name: 'sigmoid',
  onnx: 'Sigmoid',
  of: (x) => 1 / (1 + Math.exp(-x)),
  grad: (_x, y, dy) => mul(dy, mul(y, sub(1, y))),
})
