/** Activations composed of operators. Those that are operators of their own: relu, leakyRelu, elu, gelu, geluTanh, silu, sigmoid, tanh, softplus. */

import type { Value } from './op.ts'
import { abs } from './ops/abs.ts'
import { add } from './ops/add.ts'
import { div } from './ops/div.ts'
import { elu } from './ops/leaky.ts'
import { maximum } from './ops/maximum.ts'
import { minimum } from './ops/minimum.ts'
import { mul } from './ops/mul.ts'
import { relu } from './ops/relu.ts'
import { softplus } from './ops/softplus.ts'
import { sub } from './ops/sub.ts'
import { tanh } from './ops/tanh.ts'

/** elu scaled so that activations keep mean 0 and variance 1. Source: Klambauer et al. 2017. */
export function selu(x: Value): Value {
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805)
}

/** elu whose slope at 0 is 1 for every alpha: max(0, x) + min(0, alpha (e^(x / alpha) - 1)). */
export function celu(x: Value, alpha = 1): Value {
  return mul(elu(div(x, alpha), 1), alpha)
}

/** relu cut off at 6. */
export function relu6(x: Value): Value {
  return minimum(relu(x), 6)
}

/** x cut to [low, high]; default [-1, 1]. */
export function hardTanh(x: Value, low = -1, high = 1): Value {
  return minimum(maximum(x, low), high)
}

/** x / 6 + 1/2 cut to [0, 1], as PyTorch; Keras' older slope was 1/5. */
export function hardSigmoid(x: Value): Value {
  return hardTanh(add(mul(x, 1 / 6), 0.5), 0, 1)
}

/** x hardSigmoid(x). */
export function hardSwish(x: Value): Value {
  return mul(x, hardSigmoid(x))
}

/** x tanh(softplus(x)). */
export function mish(x: Value): Value {
  return mul(x, tanh(softplus(x)))
}

/** x / (1 + |x|). */
export function softsign(x: Value): Value {
  return div(x, add(abs(x), 1))
}

/** x - tanh(x). */
export function tanhShrink(x: Value): Value {
  return sub(x, tanh(x))
}

/** leakyRelu with a learned slope; alpha broadcasts to x. */
export function prelu(x: Value, alpha: Value): Value {
  return add(relu(x), mul(alpha, minimum(x, 0)))
}
