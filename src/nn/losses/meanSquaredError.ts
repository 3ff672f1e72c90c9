import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import type { Loss } from '../loss.ts'
import { alike } from './shared.ts'

/** Mean of (output - target)^2 over all numbers, as `torch.nn.MSELoss`. */
export function meanSquaredError(options: Record<string, never> = {}): Loss {
  checkOptions('meanSquaredError', options, [])
  return {
    kind: 'meanSquaredError',
    apply: (output, target) => ops.mean(ops.square(ops.sub(output, alike('meanSquaredError', output, target)))),
  }
}
