import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { bools } from '../samples.ts'

/** Whether both are true, element by element. */
export const and: Operator<[a: Operand, b: Operand]> = binary({
  name: 'and',
  onnx: 'And',
  of: (a, b) => a & b,
  operands: 'bool',
  result: 'bool',
  samples: (random) => [{ inputs: [bools(random, [2, 4]), bools(random, [4])] }],
})
