import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { type Activation, activationOf } from '../activations.ts'
import { define, expectFloat, type Named } from '../define.ts'
import { type InitializerOption, initializerOf } from '../initializer.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'

export interface DenseOptions extends Named {
  /** Length of the output. */
  readonly units: number
  readonly activation?: Activation
  /** Whether to add a trained vector; default true. */
  readonly bias?: boolean
  /** Default 'glorotUniform'. */
  readonly kernelInitializer?: InitializerOption
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerOption
  /** Whether training changes it; default true. */
  readonly trainable?: boolean
}

/**
 * Every output is a weighted sum of all inputs: `activation(x weight + bias)` along the last axis, [..., in] to
 * [..., units], with weight [in, units] and bias [units]. Defaults as in Keras.
 *
 * @throws SHAPE_MISMATCH, BAD_OPTION, UNKNOWN_OPTION
 * @example `nn.dense({ units: 128, activation: 'relu', name: 'hidden' })`
 */
export function dense(options: DenseOptions): Layer {
  checkOptions('dense', options, ['units', 'activation', 'bias', 'kernelInitializer', 'biasInitializer', 'trainable', 'name'])
  const { bias = true, kernelInitializer = 'glorotUniform', biasInitializer = 'zeros', trainable = true, name } = options
  const units = whole('dense', 'units', options.units)
  const activate = activationOf(options.activation)
  const weightInit = initializerOf(kernelInitializer)
  const biasInit = initializerOf(biasInitializer)
  return define('dense', name, (x, scope) => {
    expectFloat('dense', x)
    const width = x.shape.at(-1)
    expect(x.shape.length >= 2 && typeof width === 'number', 'dense', [x], 'at least [batch, in], with a known last size')
    const weight = scope.param('weight', [width, units], weightInit, { trainable })
    // Two dimensions until the bias is in: product and sum then become one operator.
    const rows = ops.reshape(x, [-1, width])
    const product = ops.matmul(rows, weight)
    const sum = bias ? ops.add(product, scope.param('bias', [units], biasInit, { trainable })) : product
    return ops.reshape(activate(sum), [...x.shape.slice(0, -1), units])
  })
}
