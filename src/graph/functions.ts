/**
 * The operators as people write them: those of the registry, a few with a friendlier form, and the functions composed of
 * them. Custom layers are written with these.
 */
import type { Value } from './op.ts'
import { add } from './ops/add.ts'
import { exp } from './ops/exp.ts'
import { log } from './ops/log.ts'
import { maximum } from './ops/maximum.ts'
import { minimum } from './ops/minimum.ts'
import { mul } from './ops/mul.ts'
import { max, mean, type ReduceOptions, sum } from './ops/reduce.ts'
import { reshape } from './ops/reshape.ts'
import { stopGradient } from './ops/stopGradient.ts'
import { sub } from './ops/sub.ts'

export * from './activations.ts'
export { attention } from './ops/attention.ts'
export { sumTo } from './ops/broadcast.ts'
export { cast } from './ops/cast.ts'
export { dimSize } from './ops/dimSize.ts'
export { gelu, geluTanh, silu } from './ops/gated.ts'
export { gru } from './ops/gru.ts'
export * from './ops/index.ts'
export { layerNorm } from './ops/layerNorm.ts'
export { lstm } from './ops/lstm.ts'
export { matmul } from './ops/matmul.ts'
export { maxPool2d } from './ops/pool.ts'
export { reshape } from './ops/reshape.ts'
export { softmaxCrossEntropy } from './ops/softmaxCrossEntropy.ts'

export function square(x: Value): Value {
  return mul(x, x)
}

/** Mean of squared distances to the mean (divides by n). */
export function variance(x: Value, options: ReduceOptions = {}): Value {
  const centre = mean(x, { ...options, keepDims: true })
  return mean(square(sub(x, centre)), options)
}

/** log of the sum of e^x, without overflow. */
export function logSumExp(x: Value, options: ReduceOptions = {}): Value {
  const top = stopGradient(max(x, { ...options, keepDims: true }))
  const total = log(sum(exp(sub(x, top)), { ...options, keepDims: true }))
  const y = add(total, top)
  if (options.keepDims) return y
  const axes = (options.axes ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + x.shape.length : axis))
  return reshape(
    y,
    x.shape.filter((_, i) => !axes.includes(i)),
  )
}

/** A copy with one more dimension of size 1 at an axis. */
export function expandDims(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

/** x cut to [low, high]. */
export function clip(x: Value, low: number, high: number): Value {
  return minimum(maximum(x, low), high)
}
