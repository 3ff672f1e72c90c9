import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { div } from './div.ts'

/** Natural logarithm. */
export const log: Operator<[x: Value]> = unary({
  name: 'log',
  onnx: 'Log',
  of: Math.log,
  grad: (x, _y, dy) => div(dy, x),
  domain: [0.3, 3],
})
