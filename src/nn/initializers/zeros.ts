import type { Initializer } from '../layer.ts'

/** 0 everywhere: biases. */
export function zeros(): Initializer {
  return { kind: 'zeros', fill: (values) => void values.fill(0) }
}
