/** Taking features away from all that a training's `data` gave. */
import { fail } from '../core/errors.ts'
import * as data from '../data/index.ts'
import type { DataSplits } from '../train/index.ts'
import { membersOf } from './component.ts'

export interface FeaturesCut<D> {
  readonly splits: D
  /** Whole columns that the model saw and no longer sees. */
  readonly columns: readonly string[]
}

/**
 * The splits without these features: every dataset in them loses those it has, at whatever depth of plain objects and lists, and
 * so do frames, from which a training function could make a dataset again; the encodings that belong to datasets shrink with them.
 *
 * @param names names of features or groups of them; see component.ts
 * @throws ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_FEATURES
 */
export function withoutFeatures<D extends DataSplits>(splits: D, names: readonly string[]): FeaturesCut<D> {
  const gone = new Set(checkFeatures(splits.train, names))
  if (gone.size === 0) return { splits, columns: [] }
  const cut = stripped(splits, gone, { encodings: new Map(), depth: 0 }) as D
  return { splits: cut, columns: splits.train.inputs.filter((key) => !cut.train.inputs.includes(key)) }
}

/** What is to be known of a dataset without reading it. */
export type Seen = Pick<data.Dataset, 'name' | 'fields' | 'inputs' | 'target' | 'encoding'>

/** The features of a dataset that names mean, some of which are left. @throws ABLATION_UNKNOWN, ABLATION_LABEL, ABLATION_FEATURES */
export function checkFeatures(dataset: Seen, names: readonly string[]): string[] {
  const gone = names.flatMap((name) => featureMembers(dataset, name))
  if (gone.length > 0 && data.features(dataset).every(({ name }) => gone.includes(name)))
    throw fail('ABLATION_FEATURES', names.join(', '), `the data set '${dataset.name}'`)
  return gone
}

function featureMembers(dataset: Seen, name: string): string[] {
  const known = data.features(dataset).map((feature) => feature.name)
  return membersOf(name, known, (part) => {
    if (labelsOf(dataset).includes(part)) return fail('ABLATION_LABEL', part)
    return fail('ABLATION_UNKNOWN', `The data set '${dataset.name}' has`, part, known)
  })
}

/** What the column to predict is called, in the table and in the file it came from. */
export function labelsOf({ target, encoding }: Seen): string[] {
  return [target, encoding?.target?.column].filter((name) => name !== undefined)
}

interface Walk {
  /** Encodings of datasets as they were, and as they are now. */
  readonly encodings: Map<unknown, data.Encoding | undefined>
  readonly depth: number
}

/** Deep enough for folds of splits; what lies deeper is no split. */
const deepest = 4

function stripped(value: unknown, gone: ReadonlySet<string>, walk: Walk): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (isDataset(value)) return strippedDataset(value, gone, walk)
  if (isFrame(value)) return strippedFrame(value, gone)
  if (walk.depth === deepest) return value
  const next = { ...walk, depth: walk.depth + 1 }
  if (Array.isArray(value)) {
    const list = value.map((one) => stripped(one, gone, next))
    return list.every((one, i) => one === value[i]) ? value : list
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  // Encodings last: they belong to the datasets beside them.
  const own = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, property]) => 'value' in property)
  const order = [...own].sort(([, a], [, b]) => Number(isEncoding(a.value)) - Number(isEncoding(b.value)))
  const after = new Map(
    order.map(([key, { value: one }]) => [key, walk.encodings.has(one) ? walk.encodings.get(one) : stripped(one, gone, next)]),
  )
  if (own.every(([key, { value: one }]) => after.get(key) === one)) return value
  const properties = own.map(([key, property]) => [key, { ...property, value: after.get(key) }] as const)
  return Object.create(prototype, { ...Object.getOwnPropertyDescriptors(value), ...Object.fromEntries(properties) })
}

function strippedDataset(dataset: data.Dataset, gone: ReadonlySet<string>, { encodings }: Walk): data.Dataset {
  const names = data.features(dataset).flatMap(({ name }) => (gone.has(name) ? [name] : []))
  if (names.length === 0) return dataset
  const cut = data.withoutFeatures(dataset, ...names)
  if (dataset.encoding !== undefined && !encodings.has(dataset.encoding)) encodings.set(dataset.encoding, cut.encoding)
  return cut
}

/** Columns by their own name, or by the name of the group that they are a flag of: 'Soil_Type' for 'Soil_Type=1'. */
function strippedFrame(frame: data.Frame, gone: ReadonlySet<string>): data.Frame {
  const names = Object.keys(frame.columns).filter((name) => gone.has(name) || gone.has(name.split('=')[0] as string))
  return names.length === 0 ? frame : frame.without(...names)
}

function isDataset(value: unknown): value is data.Dataset {
  return typeof value === 'object' && value !== null && 'fields' in value && 'inputs' in value && 'batches' in value
}

function isEncoding(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'features' in value && Array.isArray(value.features)
}

function isFrame(value: object): value is data.Frame {
  return 'columns' in value && 'types' in value && 'without' in value && 'dataset' in value
}
