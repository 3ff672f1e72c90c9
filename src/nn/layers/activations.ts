/** Activations as layers, for places where they are no option of another layer: `nn.relu()`. Formulas: ../activations.ts. */
import { checkOptions } from '../../core/registry.ts'
import { type Activation, type ActivationName, activationOf } from '../activations.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

/** An activation by name, or a function of your own. @example `nn.activation('relu')` */
export function activation(of: Activation, options: Named = {}): Layer {
  const kind = typeof of === 'string' ? of : 'activation'
  checkOptions(kind, options, ['name'])
  return define(kind, options.name, activationOf(of))
}

const named = (of: ActivationName) => (options?: Named) => activation(of, options)

export const relu = named('relu')
export const relu6 = named('relu6')
export const leakyRelu = named('leakyRelu')
export const elu = named('elu')
export const selu = named('selu')
export const gelu = named('gelu')
export const geluTanh = named('geluTanh')
export const silu = named('silu')
export const mish = named('mish')
export const sigmoid = named('sigmoid')
export const hardSigmoid = named('hardSigmoid')
export const hardSwish = named('hardSwish')
export const tanh = named('tanh')
export const softsign = named('softsign')
export const softplus = named('softplus')
export const softmax = named('softmax')
export const logSoftmax = named('logSoftmax')
