import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { bools } from '../samples.ts'

/** Whether either are true, element by element. */
export const or: Operator<[a: Operand, b: Operand]> = binary({
  name: 'or',
  onnx: 'Or',
  of: (a, b) => a | b,
  operands: 'bool',
  result: 'bool',
  samples: (random) => [{ inputs: [bools(random, [2, 4]), bools(random, [4])] }],
})
