import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'

/** 1 / x. */
export const reciprocal: Operator<[x: Value]> = unary({
  name: 'reciprocal',
  onnx: 'Reciprocal',
  of: (x) => 1 / x,
  grad: (_x, y, dy) => neg(mul(dy, mul(y, y))),
  domain: [0.3, 3],
})
