import { checkOptions } from '../../core/registry.ts'
import { ops } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'

/** Each example as one row of numbers: [batch, ...] to [batch, all]. */
export function flatten(options: Named = {}): Layer {
  checkOptions('flatten', options, ['name'])
  return define('flatten', options.name, (x) => {
    const batch = x.shape[0]
    return x.shape.length === 1 ? ops.reshape(x, [batch!, 1]) : ops.reshape(x, [batch!, -1])
  })
}
