import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import type { Loss } from '../loss.ts'
import { alike } from './shared.ts'

/** Mean of |output - target| over all numbers, as `torch.nn.L1Loss`: outliers count less than squared. */
export function meanAbsoluteError(options: Record<string, never> = {}): Loss {
  checkOptions('meanAbsoluteError', options, [])
  return {
    kind: 'meanAbsoluteError',
    apply: (output, target) => ops.mean(ops.abs(ops.sub(output, alike('meanAbsoluteError', output, target)))),
  }
}
