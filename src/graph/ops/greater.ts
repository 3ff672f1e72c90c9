import { binary } from '../elementwise.ts'
import type { Operand, Operator } from '../op.ts'
import { ints } from '../samples.ts'

/** Whether a > b, element by element; gives bool. */
export const greater: Operator<[a: Operand, b: Operand]> = binary({
  name: 'greater',
  onnx: 'Greater',
  of: (a, b) => Number(a > b),
  result: 'bool',
  samples: (random) => [{ inputs: [ints(random, [2, 4], 3), ints(random, [4], 3)] }],
})
