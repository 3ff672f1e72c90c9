import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { ops, type Value } from '../../graph/index.ts'
import { isFloat } from '../../tensor/index.ts'
import { checkName, type Named } from '../define.ts'
import type { Inputs, Layer } from '../layer.ts'
import { type AnyLayer, checkLayers } from './sequential.ts'

/**
 * Several inputs to one: each goes through the layer of its name, or as it is where none is named, and the outputs are put
 * one after another along the last axis, as floats. A number per example, [batch], counts as [batch, 1].
 *
 * @throws SHAPE_MISMATCH when a layer is named for an input that is not there
 * @example `nn.join({ job: nn.embedding({ tokens: 15, width: 4 }), x: nn.batchNorm() })`
 */
export function join(layers: Readonly<Record<string, AnyLayer>> = {}, options: Named = {}): Layer<Inputs, Value> {
  checkOptions('join', options, ['name'])
  checkName('join', options.name)
  checkLayers('join', Object.values(layers))
  const named = Object.entries(layers).map(([name, layer]) => ({ ...layer, name }))
  return {
    kind: 'join',
    name: options.name,
    layers: named,
    rebuild: (left) => join(Object.fromEntries(left.map((layer) => [layer.name ?? layer.kind, layer])), options),
    apply: (x, scope) => {
      const inputs = 'node' in x && 'dtype' in x ? single(x as Value, named) : (x as Readonly<Record<string, Value>>)
      for (const { name } of named) {
        if (inputs[name]) continue
        const where = scope.path === '' ? 'join' : `layer '${scope.path}' (join)`
        throw fail('SHAPE_MISMATCH', where, `inputs ${Object.keys(inputs).join(', ')}`, `one named '${name}'`)
      }
      const parts = Object.entries(inputs).map(([name, value]) => {
        const layer = named.find((layer) => layer.name === name)
        const y = layer ? scope.apply(layer, value) : value
        const floats = isFloat(y.dtype) ? y : ops.cast(y, 'float32')
        return floats.shape.length === 1 ? ops.expandDims(floats, 1) : floats
      })
      return parts.length === 1 ? parts[0]! : ops.concat(parts, -1)
    },
  }
}

/** A model with one input is handed its value without the name. */
function single(x: Value, named: readonly { readonly name: string }[]): Readonly<Record<string, Value>> {
  return { [named[0]?.name ?? 'x']: x }
}
