/** Activation functions by name: the option `activation` of layers, and the layers of the same names. */
import { fail } from '../core/errors.ts'
import { ops, type Value } from '../graph/index.ts'

export const activations = {
  /** max(0, x) */
  relu: (x: Value) => ops.relu(x),
  /** 1 / (1 + e^-x) */
  sigmoid: (x: Value) => ops.sigmoid(x),
  tanh: (x: Value) => ops.tanh(x),
  /** e^x over their sum, along the last axis. */
  softmax: (x: Value) => ops.softmax(x),
  logSoftmax: (x: Value) => ops.logSoftmax(x),
  /** log(1 + e^x) */
  softplus: (x: Value) => ops.softplus(x),
  /** The layer as it is. */
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
