/** A linear model as ONNX: one product, one sum, and of classes a softmax. */
import { ops, toOnnx, trace } from '../graph/index.ts'
import { tensor } from '../tensor/index.ts'
import type { LinearModel } from './model.ts'

/** Input `x` float32 [batch, features], output `output` float32 [batch, width]. */
export function modelToOnnx(
  { estimator, task, features, width, link, coef, intercept }: LinearModel,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const size = features.length
  // Of two classes there is one decision, the second's; the first class has its opposite, or 0.
  const single = task === 'classification' && intercept.length === 1
  const first = link === 'scores' ? -1 : 0
  const weights = new Float32Array(size * width)
  const bias = new Float32Array(width)
  for (let k = 0; k < width; k++) {
    const from = single ? 0 : k
    const sign = single && k === 0 ? first : 1
    for (let j = 0; j < size; j++) weights[j * width + k] = sign * (coef[from * size + j] as number)
    bias[k] = sign * (intercept[from] as number)
  }
  const graph = trace(
    estimator,
    {
      x: { dtype: 'float32', shape: ['batch', size] },
      weights: { dtype: 'float32', shape: [size, width], role: 'parameter' },
      bias: { dtype: 'float32', shape: [width], role: 'parameter' },
    },
    ({ x, weights, bias }) => {
      const decisions = ops.add(ops.matmul(x, weights), bias)
      return { output: task === 'regression' ? decisions : ops.softmax(decisions) }
    },
  )
  return toOnnx(graph, {
    metadata,
    weights: { weights: tensor('float32', [size, width], weights), bias: tensor('float32', [width], bias) },
  })
}
