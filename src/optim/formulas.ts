/** What the optimizers' formulas share. */
import { ops, type Value } from '../graph/index.ts'

/**
 * 1 - beta^step, by which a running mean that began at 0 is too small. Computed in float64: in float32 the first step of
 * beta = 0.999 would lose five of its seven digits. It is a scalar, and all parameters share it.
 */
export function biasCorrection(beta: number, step: Value): Value {
  const decayed = ops.pow(beta, ops.cast(step, 'float64'))
  return ops.cast(ops.sub(1, decayed), step.dtype)
}

/** gradient + decay * parameter: weight decay as an L2 penalty. */
export function penalized(grad: Value, param: Value, decay: number): Value {
  return decay === 0 ? grad : ops.add(grad, ops.mul(param, decay))
}
