import type { Initializer } from '../layer.ts'

/** 1 everywhere: scales of a normalization. */
export function ones(): Initializer {
  return { kind: 'ones', fill: (values) => void values.fill(1) }
}
