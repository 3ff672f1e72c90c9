import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { cast } from './cast.ts'
import { greaterEqual } from './greaterEqual.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** The larger of a and b, with broadcasting; where they are equal the gradient goes to a. */
export const maximum: Operator<[a: Operand, b: Operand]> = binary({
  name: 'maximum',
  onnx: 'Max',
  of: Math.max,
  grad: (a, b, _y, dy) => {
    const first = cast(greaterEqual(a, b), dy.dtype)
    return [mul(dy, first), mul(dy, sub(1, first))]
  },
  operands: 'float',
})
