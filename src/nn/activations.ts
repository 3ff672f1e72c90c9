/** Activation functions by name: the option `activation` of layers, and the layers of the same names. */
import { fail } from '../core/errors.ts'
import { ops, type Value } from '../graph/index.ts'

export const activations = {
  /** max(0, x) */
  relu: (x: Value) => ops.relu(x),
  /** min(max(0, x), 6) */
  relu6: (x: Value) => ops.relu6(x),
  /** x where it is above 0, else x / 100 */
  leakyRelu: (x: Value) => ops.leakyRelu(x),
  /** x where it is above 0, else e^x - 1 */
  elu: (x: Value) => ops.elu(x),
  /** elu scaled so that signals keep mean 0 and variance 1; use with lecunNormal */
  selu: (x: Value) => ops.selu(x),
  /** x times the normal distribution's cumulative function */
  gelu: (x: Value) => ops.gelu(x),
  /** gelu approximated by tanh, as in GPT-2 */
  geluTanh: (x: Value) => ops.geluTanh(x),
  /** x sigmoid(x), also called swish */
  silu: (x: Value) => ops.silu(x),
  /** x tanh(softplus(x)) */
  mish: (x: Value) => ops.mish(x),
  /** 1 / (1 + e^-x) */
  sigmoid: (x: Value) => ops.sigmoid(x),
  /** a piecewise linear sigmoid: x / 6 + 1/2, cut to [0, 1] */
  hardSigmoid: (x: Value) => ops.hardSigmoid(x),
  /** x hardSigmoid(x) */
  hardSwish: (x: Value) => ops.hardSwish(x),
  /** hyperbolic tangent */
  tanh: (x: Value) => ops.tanh(x),
  /** x / (1 + |x|) */
  softsign: (x: Value) => ops.softsign(x),
  /** log(1 + e^x), a smooth relu */
  softplus: (x: Value) => ops.softplus(x),
  /** e^x over their sum, along the last axis */
  softmax: (x: Value) => ops.softmax(x),
  /** log(softmax(x)), without overflow */
  logSoftmax: (x: Value) => ops.logSoftmax(x),
  /** x as it is */
  linear: (x: Value) => x,
} as const satisfies Record<string, (x: Value) => Value>

export type ActivationName = keyof typeof activations
/** A name, or a function of your own. */
export type Activation = ActivationName | ((x: Value) => Value)

/** @throws UNKNOWN_KIND naming the nearest ones */
export function activationOf(option: Activation | undefined): (x: Value) => Value {
  if (option === undefined) return activations.linear
  if (typeof option === 'function') return option
  if (!Object.hasOwn(activations, option)) throw fail('UNKNOWN_KIND', 'activation', option, Object.keys(activations))
  return activations[option]
}
