import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { div } from './div.ts'
import { mul } from './mul.ts'

/** Square root. */
export const sqrt: Operator<[x: Value]> = unary({
  name: 'sqrt',
  onnx: 'Sqrt',
  of: Math.sqrt,
  grad: (_x, y, dy) => div(mul(dy, 0.5), y),
  domain: [0.3, 3],
})
