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
 * The model without the layers at these paths; one that ends in '*' means all whose path begins with what stands before it. All
 * others keep their names ('dense_2' stays 'dense_2'), and so their seeds: what else changes is due to the layers that are gone.
 *
 * @throws UNKNOWN_KIND naming the nearest paths, BAD_OPTION where the layer around one cannot do without it
 * @example `withoutLayer(model, 'hidden')`, `withoutLayer(model, 'block*', 'dropout')`
 */
export function withoutLayer(model: AnyLayer, ...paths: readonly string[]): AnyLayer {
  const known = placedLayers(model).map((placed) => placed.path)
  const goes = (path: string, found: string) => (path.endsWith('*') ? found.startsWith(path.slice(0, -1)) : found === path)
  for (const path of paths) if (!known.some((found) => goes(path, found))) throw fail('UNKNOWN_KIND', 'layer', path, known)
  return editLayers(model, ({ path, layer }) => (paths.some((one) => goes(one, path)) ? undefined : layer))
}

/**
 * The model with other layers inside: `edit` is asked for each what stands in its place. That is the layer itself, and then it is
 * asked for those inside too; another layer, which takes its name; or nothing, which takes it out.
 *
 * @throws BAD_OPTION where the layer around a changed one cannot be built again
 */
export function editLayers(model: AnyLayer, edit: (placed: PlacedLayer) => AnyLayer | undefined, path = ''): AnyLayer {
  let changed = false
  const inner = namedInner(model).flatMap(({ name, layer }) => {
    const full = path === '' ? name : `${path}.${name}`
    const given = edit({ path: full, layer })
    const next = given === layer ? editLayers(layer, edit, full) : given
    changed ||= next !== layer
    if (next === undefined) return []
    return [next.name === name ? next : { ...next, name }]
  })
  if (!changed) return model
  if (model.rebuild) return model.rebuild(inner)
  throw fail('BAD_OPTION', model.kind, 'layers', path || model.kind, 'a layer that can be built again without one of its parts')
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
