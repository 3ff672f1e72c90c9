import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'

/** Largest whole number not above x; its gradient is 0. */
export const floor: Operator<[x: Value]> = unary({
  name: 'floor',
  onnx: 'Floor',
  of: Math.floor,
  grad: (x) => mul(x, 0),
  domain: [0.1, 0.9],
})
