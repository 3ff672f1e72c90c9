import { checkOptions } from '../../core/registry.ts'
import { expect, ops } from '../../graph/index.ts'
import { isFloat } from '../../tensor/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer } from '../layer.ts'
import { whole } from '../options.ts'

export interface OneHotOptions extends Named {
  /** How many different integers there are: 0 to classes - 1. */
  readonly classes: number
}

/** Integers [...] to vectors [..., classes] that are 1 at the integer and 0 elsewhere. */
export function oneHot(options: OneHotOptions): Layer {
  checkOptions('oneHot', options, ['classes', 'name'])
  const classes = whole('oneHot', 'classes', options.classes)
  return define('oneHot', options.name, (x) => {
    expect(!isFloat(x.dtype) && x.dtype !== 'bool', 'oneHot', [x], 'integers: tokens or labels')
    return ops.oneHot(ops.cast(x, 'int32'), classes)
  })
}
