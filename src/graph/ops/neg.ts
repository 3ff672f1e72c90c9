import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'

/** -x. */
export const neg: Operator<[x: Value]> = unary({
  name: 'neg',
  onnx: 'Neg',
  of: (x) => -x,
  grad: (_x, _y, dy) => neg(dy),
})
