/** Activations as layers, for places where they are no option of another layer: `nn.relu()`. */
import { type Activation, type ActivationName, activationOf } from '../activations.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

/** An activation by name, or a function of your own. @example `nn.activation('relu')` */
export function activation(of: Activation, { name }: Named = {}): Layer {
  const apply = activationOf(of)
  return define(typeof of === 'string' ? of : 'activation', name, apply)
}

const named = (of: ActivationName) => (options?: Named) => activation(of, options)

/** max(0, x). */
export const relu = named('relu')
/** 1 / (1 + e^-x). */
export const sigmoid = named('sigmoid')
/** Hyperbolic tangent. */
export const tanh = named('tanh')
/** e^x over their sum, along the last axis. */
export const softmax = named('softmax')
/** log(softmax(x)), without overflow. */
export const logSoftmax = named('logSoftmax')
/** log(1 + e^x), a smooth relu. */
export const softplus = named('softplus')
