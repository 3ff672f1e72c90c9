/** Layers of a model by their names: listing, finding, and taking one out. */
import { fail } from '../core/errors.ts'
import type { Value } from '../graph/index.ts'
import type { Layer } from './layer.ts'
import { numbered } from './model.ts'

// biome-ignore lint/suspicious/noExplicitAny: the outermost layer may take a record of inputs
type AnyLayer = Layer<any, Value>

export interface PlacedLayer {
  /** 'encoder.dense_2', as errors, summaries and weights name it. */
  readonly path: string
  readonly layer: AnyLayer
}

/** All layers inside a model, outer ones first, by the names that tracing gives them. */
export function placedLayers(model: AnyLayer, path = ''): PlacedLayer[] {
  return namedInner(model).flatMap(({ name, layer }) => {
    const full = path === '' ? name : `${path}.${name}`
    return [{ path: full, layer }, ...placedLayers(layer, full)]
  })
}

/** The layer at a path, else undefined. @example `findLayer(model, 'encoder.attention')` */
export function findLayer(model: AnyLayer, path: string): AnyLayer | undefined {
  return placedLayers(model).find((placed) => placed.path === path)?.layer
}

/**
 * The model without the layer at a path, or without all whose path begins with what stands before a final '*'. All others
 * keep their names ('dense_2' stays 'dense_2'), and so their seeds: what else changes is due to the layer that is gone.
 *
 * @throws UNKNOWN_KIND naming the nearest paths, BAD_OPTION where the layer around it cannot do without it
 * @example `withoutLayer(model, 'hidden')`, `withoutLayer(model, 'block*')`
 */
export function withoutLayer(model: AnyLayer, path: string): AnyLayer {
  const prefix = path.endsWith('*') ? path.slice(0, -1) : undefined
  const goes = (found: string) => (prefix === undefined ? found === path : found.startsWith(prefix))
  const paths = placedLayers(model).map((placed) => placed.path)
  if (!paths.some(goes)) throw fail('UNKNOWN_KIND', 'layer', path, paths)
  return cut(model, '', goes)
}

function cut(layer: AnyLayer, path: string, goes: (path: string) => boolean): AnyLayer {
  const inner = namedInner(layer)
  if (inner.length === 0) return layer
  let changed = false
  const left = inner.flatMap(({ name, layer: one }) => {
    const full = path === '' ? name : `${path}.${name}`
    if (goes(full)) {
      changed = true
      return []
    }
    const next = cut(one, full, goes)
    changed ||= next !== one
    return [next.name === name ? next : { ...next, name }]
  })
  if (!changed) return layer
  if (layer.rebuild) return layer.rebuild(left)
  throw fail('BAD_OPTION', layer.kind, 'layers', path || layer.kind, 'a layer that can be built again without one of its parts')
}

/** Inner layers with the names that the tracer will give them. */
function namedInner(layer: AnyLayer): { name: string; layer: AnyLayer }[] {
  const taken = new Set<string>()
  return (layer.layers ?? []).map((inner) => {
    const name = inner.name ?? numbered(inner.kind, taken)
    taken.add(name)
    return { name, layer: inner }
  })
}
