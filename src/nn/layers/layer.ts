import type { Value } from '../../graph/index.ts'
import { define, type Named } from '../define.ts'
import type { Layer, Scope } from '../layer.ts'

/**
 * A layer of your own: a kind, and a function of the value and of the scope, which gives it weights, buffers, noise, and
 * other layers. Written with `ops`, it is differentiated, compiled and exported like all others.
 *
 * @example
 * ```ts
 * const scale = () => nn.layer('scale', (x, scope) => ops.mul(x, scope.param('factor', [1], nn.initializers.ones())))
 * ```
 */
export function layer(kind: string, apply: (x: Value, scope: Scope) => Value, options: Named = {}): Layer {
  return define(kind, options.name, apply)
}
