import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { cast } from './cast.ts'
import { lessEqual } from './lessEqual.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/** The smaller of a and b, with broadcasting; where they are equal the gradient goes to a. */
export const minimum: Operator<[a: Operand, b: Operand]> = binary({
  name: 'minimum',
  onnx: 'Min',
  of: Math.min,
  grad: (a, b, _y, dy) => {
    const first = cast(lessEqual(a, b), dy.dtype)
    return [mul(dy, first), mul(dy, sub(1, first))]
  },
  operands: 'float',
})
