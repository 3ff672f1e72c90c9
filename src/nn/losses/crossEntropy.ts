import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { expect, ops, type Value } from '../../graph/index.ts'
import { isFloat, tensor } from '../../tensor/index.ts'
import type { Loss } from '../loss.ts'
import { between } from '../options.ts'

export interface CrossEntropyOptions {
  /** A weight for each class; the mean is then weighted by them, as in PyTorch. */
  readonly weights?: readonly number[]
  /** Share of the target that is spread over all classes; default 0. */
  readonly labelSmoothing?: number
  /** Whether outputs are logits (default) or probabilities already. */
  readonly fromLogits?: boolean
}

/**
 * How surprised a classifier is by the right class, in nats: the mean of `-log softmax(output)[target]`. Outputs [N, C]
 * with integer targets [N], or [N, T, C] with [N, T]: the class is always the last axis. As `torch.nn.CrossEntropyLoss`.
 *
 * @throws SHAPE_MISMATCH, BAD_OPTION
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  checkOptions('crossEntropy', options, ['weights', 'labelSmoothing', 'fromLogits'])
  const { weights, fromLogits = true } = options
  const smoothing = between('crossEntropy', 'labelSmoothing', options.labelSmoothing ?? 0, 0, 1)
  if (weights?.some((weight) => !(weight >= 0 && Number.isFinite(weight)))) {
    throw fail('BAD_OPTION', 'crossEntropy', 'weights', `[${weights.join(', ')}]`, 'numbers, 0 or more')
  }
  return {
    kind: 'crossEntropy',
    apply: (output, target) => {
      const { classes, labels } = fit(output, target)
      if (weights && weights.length !== classes) {
        throw fail('BAD_OPTION', 'crossEntropy', 'weights', `[${weights.join(', ')}]`, `${classes} numbers, one for each class`)
      }
      const table = weights && ops.constant(tensor('float32', [classes], [...weights]))
      const each = table && ops.gather(table, labels)
      const mean = (x: Value) => (each ? ops.div(ops.sum(ops.mul(each, x)), ops.sum(each)) : ops.mean(x))
      if (fromLogits && smoothing === 0) return mean(ops.softmaxCrossEntropy(output, labels))
      const logs = fromLogits ? ops.logSoftmax(output) : ops.log(ops.maximum(output, tiny))
      const right = ops.neg(mean(ops.pick(logs, labels)))
      if (smoothing === 0) return right
      // PyTorch spreads the share over all classes by their weights, and divides as for the right class.
      const all = table && each ? ops.div(ops.sum(ops.mul(logs, table)), ops.mul(ops.sum(each), classes)) : ops.mean(logs)
      return ops.sub(ops.mul(right, 1 - smoothing), ops.mul(all, smoothing))
    },
  }
}

/** Keeps the logarithm of a probability of 0 finite: the smallest normal float32. */
const tiny = 1.17549435e-38

function fit(output: Value, target: Value): { classes: number; labels: Value } {
  const classes = output.shape.at(-1)
  const whole = target.dtype === 'int32' || target.dtype === 'uint8' || target.dtype === 'int64'
  const aligned = target.shape.length === output.shape.length - 1 && target.shape.every((dim, i) => dim === output.shape[i])
  const need = 'outputs [..., classes] and integer targets [...]'
  expect(isFloat(output.dtype) && typeof classes === 'number' && whole && aligned, 'crossEntropy', [output, target], need)
  return { classes, labels: ops.cast(target, 'int32') }
}
