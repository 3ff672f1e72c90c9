import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'

/** a * b, with broadcasting. */
export const mul: Operator<[a: Operand, b: Operand]> = binary({
  name: 'mul',
  onnx: 'Mul',
  of: (a, b) => a * b,
  grad: (a, b, _y, dy) => [mul(dy, b), mul(dy, a)],
})
