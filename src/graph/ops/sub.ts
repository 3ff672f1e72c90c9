import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { neg } from './neg.ts'

/** a - b, with broadcasting. */
export const sub: Operator<[a: Operand, b: Operand]> = binary({
  name: 'sub',
  onnx: 'Sub',
  of: (a, b) => a - b,
  grad: (_a, _b, _y, dy) => [dy, neg(dy)],
})
