import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'

/** a / b, with broadcasting. */
export const div: Operator<[a: Operand, b: Operand]> = binary({
  name: 'div',
  onnx: 'Div',
  of: (a, b) => a / b,
  grad: (_a, b, y, dy) => [div(dy, b), neg(mul(div(dy, b), y))],
  operands: 'float',
  domain: [0.3, 3],
})
