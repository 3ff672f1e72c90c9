import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { cast } from './cast.ts'
import { mul } from './mul.ts'

/**
 * max(0, x). The gradient at 0 is 0. An output is never negative, so its mask is whether it is not zero: two casts, a third
 * of the time of Sign and less than a broadcasting Where.
 */
export const relu: Operator<[x: Value]> = unary({
  name: 'relu',
  onnx: 'Relu',
  of: (x) => Math.max(0, x),
  grad: (_x, y, dy) => mul(dy, cast(cast(y, 'bool'), dy.dtype)),
  domain: [0.1, 2],
})
