import type { Value } from '../graph/index.ts'

/** How far outputs are from targets: a scalar, the mean over all examples (and positions). */
export interface Loss {
  readonly kind: string
  /** Name a person reads beside the number: 'cross-entropy'. */
  apply(output: Value, target: Value): Value
}
