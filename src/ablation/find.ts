/** What a training has that could be taken away: found by calling its `data` and `model` once. */
import { features } from '../data/index.ts'
import * as nn from '../nn/index.ts'
import { sizeOf } from '../tensor/index.ts'
import { type Config, type DataSplits, runWithout, type Training } from '../train/index.ts'
import { type Component, parseComponent } from './component.ts'
import { checkFeatures, labelsOf, type Seen } from './features.ts'
import { traced, withoutLayers } from './layers.ts'

/** The components of a training, with what is needed to read names of them. */
export interface Components {
  /** Features, layers, components of your own, each in its order; groups by a common beginning after their members. */
  readonly components: readonly Component[]
  /** What the target is called: never a feature. */
  readonly labels: readonly string[]
  /** What people should know, in sentences: that images have no named features. */
  readonly notes: readonly string[]
  /** Throws why a component or group cannot be taken away: ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_FEATURES, ABLATION_LAYER. */
  readonly check: (id: string) => void
}

/**
 * The features, layers and components of its own of a training, with the reason where one cannot be taken away. Components that
 * only its training function calls are not met here: `withMet` adds them once a run has met them.
 *
 * @example `(await componentsOf(training, training.config)).components.map(({ id }) => id)`
 */
export async function componentsOf<C extends Config, D extends DataSplits>(training: Training<C, D>, config: C): Promise<Components> {
  const met = new Set<string>()
  const inside = <T>(body: () => T): T => runWithout(new Set(), body, met)
  const data = await inside(() => training.data(config))
  const model = await inside(() => training.model?.(config, data))
  // The rows are not held: all that is asked later is of the fields.
  const { name, fields, inputs, target, encoding } = data.train
  const seen: Seen = { name, fields, inputs, ...(target !== undefined && { target }), ...(encoding !== undefined && { encoding }) }
  const layers = model ? inside(() => layersOf(model, seen)) : []
  const found = featuresOf(seen)
  return {
    components: [...withGroups(found), ...withGroups(layers), ...[...met].map(ownComponent)],
    labels: labelsOf(seen),
    notes: [...notesOf(seen, found), ...(model ? [] : ['What learns is an estimator: it has features, and no layers.'])],
    check(id) {
      const { kind, name } = parseComponent(id)
      if (kind === 'feature') checkFeatures(seen, [name])
      if (kind === 'layer' && model) inside(() => withoutLayers(model, [name], seen))
    },
  }
}

/** The same with components of one's own that a run has met. */
export function withMet(found: Components, met: Iterable<string>): Components {
  const known = new Set(found.components.map(({ id }) => id))
  const more = [...new Set(met)].map(ownComponent).filter(({ id }) => !known.has(id))
  return more.length === 0 ? found : { ...found, components: [...found.components, ...more] }
}

/** What is ablated where nobody says what: every feature, layer and component of one's own that can be, no groups, no inner layers. */
export function everyComponent({ components }: Components): string[] {
  return components.filter(({ refused, inner, group }) => refused === undefined && !inner && !group).map(({ id }) => id)
}

function featuresOf(dataset: Seen): Component[] {
  const all = features(dataset)
  const total = all.reduce((sum, { width }) => sum + width, 0)
  return all.map(({ name, width }) => ({
    id: `feature:${name}`,
    kind: 'feature',
    name,
    members: [name],
    about: `${width} of ${total} input${total === 1 ? '' : 's'}`,
    inner: false,
    group: false,
    ...(all.length === 1 && { refused: 'it is all that the model sees.' }),
  }))
}

function notesOf(dataset: Seen, found: readonly Component[]): string[] {
  const named = dataset.inputs.some((key) => dataset.fields[key]?.names !== undefined)
  if (named || found.length > 1) return []
  const shape = dataset.fields[dataset.inputs[0] ?? '']?.shape ?? []
  return [
    `The data set '${dataset.name}' has no named features: its examples are one input, '${dataset.inputs[0]}' [${shape.join(', ')}]. ` +
      `Features have names where the data was read from a table, or where a column says them: { names: [...] }.`,
  ]
}

function layersOf(model: nn.Model, dataset: Seen): Component[] {
  const whole = traced(model, dataset)
  const parameters = (path: string) => {
    if (typeof whole === 'string') return ''
    const own = whole.params.filter(({ name }) => name.startsWith(`${path}.`))
    const count = own.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    return count === 0 ? '' : `, ${count.toLocaleString('en-US')} parameter${count === 1 ? '' : 's'}`
  }
  const sequences = new Set([''])
  return nn.placedLayers(model).map(({ path, layer }) => {
    const parent = path.split('.').slice(0, -1).join('.')
    // A sequence that only holds others together hides none of them.
    if (layer.kind === 'sequential' && sequences.has(parent)) sequences.add(path)
    return {
      id: `layer:${path}`,
      kind: 'layer',
      name: path,
      members: [path],
      about: `${layer.kind}${parameters(path)}`,
      inner: model.kind !== 'sequential' || !sequences.has(parent),
      group: false,
      ...removal(model, path, dataset),
    }
  })
}

function removal(model: nn.Model, path: string, dataset: Seen): { refused?: string; note?: string } {
  try {
    const [note] = withoutLayers(model, [path], dataset).notes
    return note === undefined ? {} : { note }
  } catch (error) {
    return { refused: error instanceof Error ? error.message.replace(/^The layer '.*?' cannot be taken away: /, '') : String(error) }
  }
}

function ownComponent(name: string): Component {
  return { id: `own:${name}`, kind: 'own', name, members: [name], about: 'your own', inner: false, group: false }
}

/** Groups of at least two whose names begin alike: up to a number at their end ('block*'), or up to a '-' or '_' ('capital-*'). */
function withGroups(found: readonly Component[]): Component[] {
  const groups = new Map<string, Component[]>()
  for (const one of found) {
    const stem = stemOf(one)
    if (stem !== undefined) groups.set(stem, [...(groups.get(stem) ?? []), one])
  }
  const made = [...groups].flatMap(([stem, members]): Component[] => {
    const [first] = members
    const names = members.map(({ name }) => name)
    const all = found.filter(({ name }) => name.startsWith(stem) && !inside(name, names))
    if (members.length < 2 || first === undefined || all.length !== members.length) return []
    const name = `${stem}*`
    return [
      { id: `${first.kind}:${name}`, kind: first.kind, name, members: names, about: names.join(', '), inner: first.inner, group: true },
    ]
  })
  return [...found, ...made]
}

function stemOf({ kind, name }: Component): string | undefined {
  if (kind === 'feature') return /^(.+[-_. ])[^-_. ]+$/.exec(name)?.[1]
  return /^(.*[^\d._])_?\d*$/.exec(name)?.[1]
}

function inside(name: string, others: readonly string[]): boolean {
  return others.some((other) => name.startsWith(`${other}.`))
}
