/**
 * Taking layers out of a model, so that what is left is beyond doubt the same model without them.
 *
 * Most layers take the size of what comes to them (dense, convolutions, norms, recurrent ones, attention), so their neighbours
 * simply meet. Where they do not, something without choices of its own may stand in the place of what is gone:
 *
 * - of a residual block, its shortcut (A. Veit, M. Wilber, S. Belongie: Residual networks behave like ensembles, 2016);
 * - of a layer that made one row of numbers of each example (a recurrent layer, a global pool), flatten: all that came to it, in a row;
 * - of a rescale, the same numbers as floats;
 * - of a layer that `join` applies to an input that is gone itself, nothing.
 *
 * Everything else is refused: the layer that gives the output, embeddings (what is left are only names), a model of another
 * output, neighbours that do not fit.
 */
import { fail, failBecause, messageOf } from '../core/errors.ts'
import type { Field } from '../data/index.ts'
import * as nn from '../nn/index.ts'
import { BATCH, logicalDtype } from '../train/index.ts'
import { membersOf } from './component.ts'
import type { Seen } from './features.ts'

export interface LayersCut {
  readonly model: nn.Model
  /** What stands in for what is gone, in words: "'memory' is replaced by flatten". */
  readonly notes: readonly string[]
}

/**
 * The model without these layers, for the inputs of a dataset; and without what `join` did with inputs that are gone.
 *
 * @param names paths of layers or groups of them; see component.ts
 * @param columns whole inputs that the dataset once had
 * @throws ABLATION_UNKNOWN, ABLATION_LAYER
 */
export function withoutLayers(before: nn.Model, names: readonly string[], dataset: Seen, columns: readonly string[] = []): LayersCut {
  const meant = names.flatMap((name) => layerMembers(before, name))
  const model = withoutInputs(before, columns)
  const placed = new Map(nn.placedLayers(model).map(({ path, layer }) => [path, layer]))
  const gone = outermost(meant.filter((path) => placed.has(path)))
  if (gone.length === 0) return { model, notes: [] }
  for (const path of gone) {
    const reason = needed(path, placed, model, dataset)
    if (reason !== undefined) throw fail('ABLATION_LAYER', path, reason)
  }
  const whole = traced(model, dataset)
  const cut = (stand: (path: string) => nn.Layer | undefined) => {
    try {
      return nn.editLayers(model, ({ path, layer }) => (gone.includes(path) ? stand(path) : layer))
    } catch (error) {
      throw failBecause(error, 'ABLATION_LAYER', names.join(', '), messageOf(error))
    }
  }
  const plain = cut(() => undefined)
  // A model that its training function gives other data than `data.train` shows in training whether it fits.
  if (typeof whole === 'string') return { model: plain, notes: [] }
  const problem = misfit(whole, plain, dataset)
  if (problem === undefined) {
    const [path = ''] = gone
    if (gone.length === 1 && leavesAsIs(path, placed, whole, dataset, model)) throw fail('ABLATION_LAYER', path, idle)
    return { model: plain, notes: [] }
  }
  const stands = new Map(gone.map((path) => [path, standIn(path, placed.get(path) as nn.Layer, whole)]))
  const reconnected = cut((path) => stands.get(path)?.layer)
  if (misfit(whole, reconnected, dataset) !== undefined) throw fail('ABLATION_LAYER', names.join(', '), problem)
  const notes = [...stands].flatMap(([path, stand]) => (stand ? [`'${path}' is replaced by ${stand.what}`] : []))
  return { model: reconnected, notes }
}

function layerMembers(model: nn.Model, name: string): string[] {
  const known = nn.placedLayers(model).map(({ path }) => path)
  return membersOf(name, known, (part) => fail('ABLATION_UNKNOWN', 'The model has', part, known))
}

/** The model without the layers that `join` applies to these inputs, which are gone. */
function withoutInputs(model: nn.Model, columns: readonly string[]): nn.Model {
  if (columns.length === 0) return model
  const joins = new Set(nn.placedLayers(model).flatMap(({ path, layer }) => (layer.kind === 'join' ? [path] : [])))
  if (model.kind === 'join') joins.add('')
  const goes = (path: string) => joins.has(parentOf(path)) && columns.includes(lastOf(path))
  return nn.editLayers(model, ({ path, layer }) => (goes(path) ? undefined : layer))
}

/** A model over the inputs of a dataset; or why it cannot be. */
export function traced(model: nn.Model, dataset: Seen): nn.Traced | string {
  const types = dataset.inputs.map((key) => {
    const field = dataset.fields[key] as Field
    return [key, { dtype: logicalDtype(field), shape: [BATCH, ...field.shape] }] as const
  })
  try {
    return nn.traceModel(model, nn.inputsOf(Object.fromEntries(types)), { training: true })
  } catch (error) {
    return messageOf(error)
  }
}

function misfit(whole: nn.Traced, model: nn.Model, dataset: Seen): string | undefined {
  const now = traced(model, dataset)
  if (typeof now === 'string') return `what is left does not fit together. ${now}`
  const [was, is] = [whole.output, now.output].map(({ dtype, shape }) => `${dtype}[${shape.join(', ')}]`)
  return was === is ? undefined : `the model would give ${is} in place of ${was}.`
}

/** Reasons that need no trace. */
function needed(path: string, placed: ReadonlyMap<string, nn.Layer>, model: nn.Model, dataset: Seen): string | undefined {
  const { kind } = placed.get(path) as nn.Layer
  const around = placed.get(parentOf(path)) ?? model
  if (outputPaths(model).includes(path)) return "it gives the model's output."
  const field = dataset.fields[lastOf(path)]
  if (around.kind === 'join' && dataset.inputs.includes(lastOf(path)) && field && logicalDtype(field) !== 'float32')
    return `the numbers of '${lastOf(path)}' are names of classes, and would be taken for quantities. Take the input away instead: feature:${lastOf(path)}.`
  if ((kind === 'embedding' || kind === 'oneHot') && around.kind !== 'branches')
    return 'it makes numbers to compute with of tokens, which are only names.'
  return undefined
}

/** Of these kinds the output may do without the last: they hand on what comes to them, changed a little. */
const handsOn = ['residual', 'transformerBlock', 'dropout']

/** The layer whose output is the model's, and the sequences that it ends. */
function outputPaths(model: nn.Model): string[] {
  const paths: string[] = []
  let layer = model
  while (layer.kind === 'sequential' && layer.layers !== undefined && layer.layers.length > 0) {
    const last = layer.layers.at(-1) as nn.Layer
    const { path } = nn.placedLayers(layer).findLast((placed) => placed.layer === last) as nn.PlacedLayer
    paths.push(paths.length === 0 ? path : `${paths.at(-1)}.${path}`)
    layer = last
  }
  return handsOn.includes(layer.kind) ? paths.slice(0, -1) : paths
}

const idle = 'it changes nothing here: what comes to it has that shape already, so its trial would tell nothing.'

/** Whether a layer that only gives numbers another form gives them the form they have. */
function leavesAsIs(path: string, placed: ReadonlyMap<string, nn.Layer>, whole: nn.Traced, dataset: Seen, model: nn.Model): boolean {
  if (!formOnly.includes(placed.get(path)?.kind ?? '')) return false
  let before: string | undefined
  const look = nn.layer('look', (x) => {
    before = x.shape.join()
    return x
  })
  traced(
    nn.editLayers(model, (one) => (one.path === path ? look : one.layer)),
    dataset,
  )
  return before === whole.layers.find((one) => one.path === path)?.output?.join()
}

/** Layers that only give numbers another form: in their place, flatten would be one of them again. */
const formOnly = ['flatten', 'reshape']

interface StandIn {
  readonly layer: nn.Layer
  readonly what: string
}

function standIn(path: string, layer: nn.Layer, whole: nn.Traced): StandIn | undefined {
  const shortcut = layer.kind === 'residual' ? layer.layers?.find(({ name }) => name === 'shortcut') : undefined
  // Inside its block, so that it keeps its name and so its first weights.
  if (shortcut && layer.rebuild) return { layer: layer.rebuild([shortcut]), what: 'its shortcut' }
  if (layer.kind === 'rescale') return { layer: nn.rescale(), what: 'the same numbers as floats' }
  const rows = whole.layers.find((one) => one.path === path)?.output?.length === 2
  return rows && !formOnly.includes(layer.kind) ? { layer: nn.flatten(), what: 'flatten' } : undefined
}

/** Without those that lie inside others. */
function outermost(paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}.`)))
}

function parentOf(path: string): string {
  return path.split('.').slice(0, -1).join('.')
}

function lastOf(path: string): string {
  return path.split('.').at(-1) as string
}
