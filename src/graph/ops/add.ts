import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'

/** a + b, with broadcasting. */
export const add: Operator<[a: Operand, b: Operand]> = binary({
  name: 'add',
  onnx: 'Add',
  of: (a, b) => a + b,
  grad: (_a, _b, _y, dy) => [dy, dy],
})
