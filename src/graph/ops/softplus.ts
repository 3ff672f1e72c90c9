import { unary } from '../elementwise.ts'
import type { Operator, Value } from '../op.ts'
import { mul } from './mul.ts'
import { sigmoid } from './sigmoid.ts'

/** log(1 + e^x), a smooth relu. */
export const softplus: Operator<[x: Value]> = unary({
  name: 'softplus',
  onnx: 'Softplus',
  of: (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))),
  grad: (x, _y, dy) => mul(dy, sigmoid(x)),
})
