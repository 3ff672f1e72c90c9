/** Leaving inputs in or out by name: whole columns, features of a vector, or one-hot groups. */
import { fail } from '../core/errors.ts'
import { type Column, widthOf } from './column.ts'
import type { Dataset, Field } from './dataset.ts'
import { type Encoding, type FeatureEncoding, namesOf } from './encoding.ts'

/** What a model can be given less of: a column of a file as it was before it was encoded, or a whole input without names. */
export interface Feature {
  readonly name: string
  /** Numbers of an example that are it: 7 for a one-hot group of seven. */
  readonly width: number
}

/**
 * What the model sees, by the names that `without` takes: the features of vectors with names, a one-hot group as one, and
 * columns that have no names inside as a whole, such as an image or a text.
 */
export function features(dataset: Pick<Dataset, 'fields' | 'inputs'>): Feature[] {
  const widths = new Map<string, number>()
  const add = (name: string, width: number) => widths.set(name, (widths.get(name) ?? 0) + width)
  for (const key of dataset.inputs) {
    const field = dataset.fields[key] as Field
    if (field.names === undefined) add(key, widthOf(field))
    else for (const name of field.names) add(headOf(name), 1)
  }
  return [...widths].map(([name, width]) => ({ name, width }))
}

interface Inputs<F extends Field> {
  readonly name: string
  readonly fields: Readonly<Record<string, F>>
  readonly inputs: readonly string[]
  readonly encoding?: Encoding | undefined
}

/** Fields and inputs that stay, and the places that stay of vectors that lose some. */
export interface Cut<F extends Field = Field> {
  readonly fields: Readonly<Record<string, F>>
  readonly inputs: readonly string[]
  readonly encoding: Encoding | undefined
  readonly kept: ReadonlyMap<string, readonly number[]>
}

/**
 * The inputs that stay when `names` are kept (`keep`) or left out. A name is an input column, a feature of a vector
 * column ('age'), or the head of a one-hot group ('workclass' for 'workclass=Private', 'workclass=State-gov', ...).
 *
 * @throws COLUMN_UNKNOWN
 */
export function cutFields<F extends Field>(of: Inputs<F>, names: readonly string[], keep: boolean): Cut<F> {
  const unused = new Set(names)
  const named = (name: string) => {
    unused.delete(name)
    return names.includes(name)
  }
  const fields: Record<string, F> = {}
  const inputs: string[] = []
  const kept = new Map<string, readonly number[]>()
  for (const [key, field] of Object.entries(of.fields)) {
    if (!of.inputs.includes(key)) {
      fields[key] = field
      continue
    }
    const whole = named(key)
    const chosen = (field.names ?? []).map((feature) => [feature, headOf(feature)].filter(named).length > 0)
    const stays = field.names === undefined || whole ? [whole === keep] : chosen.map((one) => one === keep)
    if (!stays.includes(true)) continue
    inputs.push(key)
    fields[key] = field
    if (!stays.includes(false)) continue
    const places = stays.flatMap((stay, place) => (stay ? [place] : []))
    kept.set(key, places)
    fields[key] = { ...field, shape: [places.length], names: places.map((place) => field.names?.[place] as string) }
  }
  for (const name of unused) throw fail('COLUMN_UNKNOWN', `data set '${of.name}'`, name, namesIn(of))
  return { fields, inputs, kept, encoding: of.encoding && cutEncoding(of.encoding, fields, inputs) }
}

/** The same with the columns' values. */
export function cutFeatures(
  of: Omit<Inputs<Column>, 'fields'> & { readonly columns: Readonly<Record<string, Column>> },
  names: readonly string[],
  keep: boolean,
): { columns: Readonly<Record<string, Column>>; inputs: readonly string[]; encoding: Encoding | undefined } {
  const { fields, inputs, encoding, kept } = cutFields({ ...of, fields: of.columns }, names, keep)
  const columns = Object.entries(fields).map(([key, column]): [string, Column] => {
    const places = kept.get(key)
    return [key, places === undefined ? column : { ...column, data: narrow(column.data, widthOf(of.columns[key] as Column), places) }]
  })
  return { columns: Object.fromEntries(columns), inputs, encoding }
}

/** These places of every row of so many numbers. */
export function narrow(data: Column['data'], width: number, places: readonly number[]): Column['data'] {
  const rows = data.length / width
  const from = data as Float32Array
  const narrowed = new (data.constructor as Float32ArrayConstructor)(rows * places.length)
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < places.length; k++) narrowed[row * places.length + k] = from[row * width + (places[k] as number)] as number
  return narrowed
}

/** The encoding of what stays; undefined where a rule would have to make only some of its features. */
function cutEncoding(encoding: Encoding, fields: Readonly<Record<string, Field>>, inputs: readonly string[]): Encoding | undefined {
  const staying = new Set(inputs.flatMap((key) => [key, ...(fields[key]?.names ?? [])]))
  const whole: FeatureEncoding[] = []
  for (const feature of encoding.features) {
    const made = feature.kind === 'text' && encoding.features.length === 1 ? ['x'] : namesOf(feature)
    const stay = made.filter((name) => staying.has(name)).length
    if (stay === made.length) whole.push(feature)
    else if (stay > 0) return undefined
  }
  return { ...encoding, features: whole }
}

function headOf(feature: string): string {
  const cut = feature.indexOf('=')
  return cut < 0 ? feature : feature.slice(0, cut)
}

function namesIn(of: Inputs<Field>): Set<string> {
  return new Set(of.inputs.flatMap((key) => [key, ...(of.fields[key]?.names ?? []).flatMap((name) => [headOf(name), name])]))
}
