import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { log } from './log.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** a to the power b, with broadcasting; the gradient to b needs a > 0. */
export const pow: Operator<[a: Operand, b: Operand]> = binary({
  name: 'pow',
  onnx: 'Pow',
  of: (a, b) => a ** b,
  grad: (a, b, y, dy) => [mul(dy, mul(b, pow(a, sub(b, 1)))), mul(dy, mul(y, log(a)))],
  operands: 'float',
  domain: [0.3, 2],
})
