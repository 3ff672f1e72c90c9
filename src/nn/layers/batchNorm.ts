import { checkOptions } from '../../core/registry.ts'
import { type Dim, expect, ops, type Value } from '../../graph/index.ts'
import { define, expectFloat, type Named, sizeAt } from '../define.ts'
import { ones } from '../initializers/ones.ts'
import { zeros } from '../initializers/zeros.ts'
import type { Layer } from '../layer.ts'
import { between, positive } from '../options.ts'

export interface BatchNormOptions extends Named {
  /** How slowly the running statistics change: running <- momentum * running + (1 - momentum) * batch; default 0.9. */
  readonly momentum?: number
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each channel (axis 1) by the mean and variance of the batch in training, and by running ones otherwise, then
 * scales and shifts it. Formulas and defaults of `torch.nn.BatchNorm2d`, whose momentum is one minus ours (ours is Keras'
 * word): the batch is divided by its variance over n, the running variance is fed with that over n - 1.
 *
 * S. Ioffe, C. Szegedy: Batch normalization: accelerating deep network training (2015).
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  checkOptions('batchNorm', options, ['momentum', 'epsilon', 'name'])
  const momentum = between('batchNorm', 'momentum', options.momentum ?? 0.9, 0, 1)
  const epsilon = positive('batchNorm', 'epsilon', options.epsilon ?? 1e-5)
  return define('batchNorm', options.name, (x, scope) => {
    expectFloat('batchNorm', x)
    expect(x.shape.length >= 2, 'batchNorm', [x], '[batch, channels, ...]')
    const shape = [sizeAt('batchNorm', x, 1, 'channels')]
    const scale = scope.param('scale', shape, ones())
    const bias = scope.param('bias', shape, zeros())
    const mean = scope.state('mean', shape, zeros())
    const variance = scope.state('variance', shape, ones())
    if (!scope.training) return ops.batchNormalize(x, scale, bias, mean.value, variance.value, { epsilon })
    const [y, batchMean, batchVariance] = ops.batchNorm(x, scale, bias, { epsilon })
    const follow = (running: Value, batch: Value) => ops.add(ops.mul(running, momentum), ops.mul(batch, 1 - momentum))
    mean.set(follow(mean.value, batchMean))
    variance.set(follow(variance.value, ops.mul(batchVariance, unbiased(x))))
    return y
  })
}

/** n / (n - 1) for the numbers of one channel; 1 where there is but one, which says nothing of a variance. */
function unbiased(x: Value): Value {
  const places = x.shape.slice(2).reduce<number>((product, size: Dim) => product * (size as number), 1)
  const n = ops.mul(ops.dimSize(x, 0), places)
  return ops.div(n, ops.maximum(ops.sub(n, 1), 1))
}
