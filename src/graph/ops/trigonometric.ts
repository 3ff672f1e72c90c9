import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'

/** Sine, in radians. */
export const sin: Operator<[x: Value]> = unary({
  name: 'sin',
  onnx: 'Sin',
  of: Math.sin,
  grad: (x, _y, dy) => mul(dy, cos(x)),
})

/** Cosine, in radians. */
export const cos: Operator<[x: Value]> = unary({
  name: 'cos',
  onnx: 'Cos',
  of: Math.cos,
  grad: (x, _y, dy) => neg(mul(dy, sin(x))),
})
