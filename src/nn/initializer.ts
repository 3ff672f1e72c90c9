/** Initializers as options of layers: by value, or by the name of one that needs no options. */
import { build } from '../core/registry.ts'
import * as initializers from './initializers/index.ts'
import type { Initializer } from './layer.ts'

/** Initializers that need no options, by name. */
export type InitializerName = {
  [K in keyof typeof initializers]: Parameters<(typeof initializers)[K]> extends [unknown] ? never : K
}[keyof typeof initializers]

export type InitializerOption = Initializer | InitializerName

export function initializerOf(option: InitializerOption): Initializer {
  return typeof option === 'string' ? build<Initializer>('initializer', initializers, { kind: option }) : option
}
