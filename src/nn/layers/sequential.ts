import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { TensorType, Value } from '../../graph/index.ts'
import { checkName, type Named } from '../define.ts'
import type { Inputs, Layer } from '../layer.ts'
import { type Summary, summary } from '../summary.ts'

// biome-ignore lint/suspicious/noExplicitAny: the first layer may take one value or a record of them
export type AnyLayer = Layer<any, Value>

/** Layers one after another, and a summary of them. */
export interface Sequential extends AnyLayer {
  readonly layers: readonly AnyLayer[]
  /** The same as `nn.summary(model, inputs)`. @example `console.log(String(model.summary([28, 28])))` */
  summary(inputs: Readonly<Record<string, TensorType>> | readonly number[]): Summary
}

/**
 * Layers one after another: each takes what the one before gives.
 *
 * @throws BAD_OPTION when something in the list is not a layer
 * @example `nn.sequential([nn.flatten(), nn.dense({ units: 10 })])`
 */
export function sequential(layers: readonly AnyLayer[], options: Named = {}): Sequential {
  checkOptions('sequential', options, ['name'])
  checkLayers('sequential', layers)
  checkName('sequential', options.name)
  const model: Sequential = {
    kind: 'sequential',
    name: options.name,
    layers,
    rebuild: (inner) => sequential(inner, options),
    apply: (x: Inputs, scope) => layers.reduce<Inputs>((value, layer) => scope.apply(layer, value), x) as Value,
    summary: (inputs) => summary(model, inputs),
  }
  return model
}

/** Refuses what is not a list of layers, such as `nn.relu` without its brackets. */
export function checkLayers(kind: string, layers: readonly AnyLayer[]): void {
  if (!Array.isArray(layers)) throw fail('BAD_OPTION', kind, 'layers', layers, 'a list of layers')
  layers.forEach((layer: unknown, i) => {
    if (typeof layer === 'object' && layer !== null && 'apply' in layer && 'kind' in layer) return
    const got = typeof layer === 'function' ? 'a function that was not called' : layer
    throw fail('BAD_OPTION', kind, `layers[${i}]`, got, 'a layer, such as nn.dense({ units: 10 })')
  })
}
