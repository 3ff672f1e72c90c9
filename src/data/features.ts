/** Leaving inputs in or out by name: whole columns, features of a vector, or one-hot groups. */
import { fail } from '../core/errors.ts'
import { allocate, type Column, widthOf } from './column.ts'
import { type Encoding, type FeatureEncoding, namesOf } from './encoding.ts'

interface Inputs {
  readonly name: string
  readonly columns: Readonly<Record<string, Column>>
  readonly inputs: readonly string[]
  readonly encoding: Encoding | undefined
}

/**
 * The inputs that stay when `names` are kept (`keep`) or left out. A name is an input column, a feature of a vector
 * column ('age'), or the head of a one-hot group ('workclass' for 'workclass=Private', 'workclass=State-gov', ...).
 *
 * @throws COLUMN_UNKNOWN
 */
export function cutFeatures(of: Inputs, names: readonly string[], keep: boolean): Pick<Inputs, 'columns' | 'inputs' | 'encoding'> {
  const unused = new Set(names)
  const named = (name: string) => {
    unused.delete(name)
    return names.includes(name)
  }
  const columns: Record<string, Column> = {}
  const inputs: string[] = []
  for (const [key, column] of Object.entries(of.columns)) {
    if (!of.inputs.includes(key)) {
      columns[key] = column
      continue
    }
    const whole = named(key)
    const features = (column.names ?? []).map((feature) => [feature, headOf(feature)].filter(named).length > 0)
    const stays = column.names === undefined || whole ? [whole === keep] : features.map((chosen) => chosen === keep)
    if (!stays.includes(true)) continue
    columns[key] = stays.includes(false) ? narrowed(column, stays) : column
    inputs.push(key)
  }
  for (const name of unused) throw fail('COLUMN_UNKNOWN', `data set '${of.name}'`, name, featureNames(of))
  return { columns, inputs, encoding: of.encoding && cutEncoding(of.encoding, columns, inputs) }
}

/** The encoding of what stays; undefined where a rule would have to make only some of its features. */
function cutEncoding(encoding: Encoding, columns: Readonly<Record<string, Column>>, inputs: readonly string[]): Encoding | undefined {
  const staying = new Set(inputs.flatMap((key) => [key, ...(columns[key]?.names ?? [])]))
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

function featureNames(of: Inputs): Set<string> {
  return new Set(of.inputs.flatMap((key) => [key, ...(of.columns[key]?.names ?? []).flatMap((name) => [headOf(name), name])]))
}

/** The vector column without the features that do not stay. */
function narrowed(column: Column, stays: readonly boolean[]): Column {
  const width = widthOf(column)
  const kept = stays.flatMap((stay, feature) => (stay ? [feature] : []))
  const rows = column.data.length / width
  const from = column.data as Float32Array
  const data = allocate(column.dtype, rows * kept.length) as Float32Array
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < kept.length; k++) data[row * kept.length + k] = from[row * width + (kept[k] as number)] as number
  return { ...column, shape: [kept.length], names: kept.map((feature) => column.names?.[feature] as string), data }
}
