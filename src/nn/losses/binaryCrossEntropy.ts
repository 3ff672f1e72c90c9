import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import type { Loss } from '../loss.ts'
import { positive } from '../options.ts'
import { alike } from './shared.ts'

export interface BinaryCrossEntropyOptions {
  /** How much more a target of 1 counts; default 1. */
  readonly posWeight?: number
}

/**
 * How surprised a yes-or-no classifier is, in nats: outputs are logits, targets 0 or 1 (or a probability between) of the
 * same shape. Computed as `softplus(x) - x y`, which overflows nowhere; as `torch.nn.BCEWithLogitsLoss`.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): Loss {
  checkOptions('binaryCrossEntropy', options, ['posWeight'])
  const weight = positive('binaryCrossEntropy', 'posWeight', options.posWeight ?? 1)
  return {
    kind: 'binaryCrossEntropy',
    apply: (output, target) => {
      const y = alike('binaryCrossEntropy', output, target)
      if (weight === 1) return ops.mean(ops.sub(ops.softplus(output), ops.mul(output, y)))
      // (1 - y) x + (1 + (w - 1) y) softplus(-x), and softplus(-x) = softplus(x) - x.
      const each = ops.add(ops.mul(y, weight - 1), 1)
      const miss = ops.mul(each, ops.sub(ops.softplus(output), output))
      return ops.mean(ops.add(ops.mul(ops.sub(1, y), output), miss))
    },
  }
}
