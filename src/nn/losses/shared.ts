/** What losses share: refusing what does not fit, with the name of the loss. */
import { expect, ops, type Value } from '../../graph/index.ts'
import { isFloat } from '../../tensor/index.ts'

/** Targets as floats of the outputs' dtype and shape; [batch] and [batch, 1] are the same thing here. */
export function alike(kind: string, output: Value, target: Value): Value {
  expect(isFloat(output.dtype), kind, [output], 'floats as outputs')
  const y = ops.cast(target, output.dtype)
  const column = output.shape.at(-1) === 1 && y.shape.length === output.shape.length - 1
  const shaped = column ? ops.reshape(y, [...y.shape, 1]) : y
  const same = shaped.shape.length === output.shape.length && shaped.shape.every((dim, i) => dim === output.shape[i])
  expect(same, kind, [output, target], 'targets of the shape of the outputs')
  return shaped
}
