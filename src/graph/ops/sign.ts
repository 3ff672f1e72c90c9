import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'

/** -1, 0 or 1; its gradient is 0 everywhere. */
export const sign: Operator<[x: Value]> = unary({
  name: 'sign',
  onnx: 'Sign',
  of: Math.sign,
  grad: (x) => mul(x, 0),
  domain: [0.1, 2],
})
