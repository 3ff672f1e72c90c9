/** Turns frames into tables with an encoding. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Column } from './column.ts'
import { type Encoding, type FeatureEncoding, keepsMissing, namesOf, type TargetEncoding, typesOf } from './encoding.ts'
import { columnNamed, type FrameColumn, type FrameData, isMissing, valueAt } from './frame.ts'
import { type Table, table } from './table.ts'
import { vocabularyOf } from './vocabulary.ts'

/**
 * The table of a frame under an encoding: x, float32 [features], its names set; 'categories' for codes; int32 columns for
 * text (x itself where there is nothing else); y, where the frame has the target column. Rows without a target are refused.
 *
 * @throws COLUMNS_MISMATCH naming every column that is not there or of another kind; VALUE_MISSING; LABEL_OUTSIDE
 */
export function applyEncoding(frame: FrameData, encoding: Encoding, options: { name?: string } = {}): Table {
  checkOptions('applyEncoding', options, ['name'])
  checkFits(frame, encoding)
  const { length } = frame
  const columns: Record<string, Column> = {}
  const dense = encoding.features.filter(({ kind }) => kind === 'number' || kind === 'oneHot' || kind === 'ordinal')
  if (dense.length > 0) {
    const names = dense.flatMap(namesOf)
    const data = new Float32Array(length * names.length)
    let offset = 0
    for (const feature of dense) {
      write(frame, feature, data, names.length, offset)
      offset += namesOf(feature).length
    }
    columns.x = { dtype: 'float32', shape: [names.length], names, data }
  }
  const codes = encoding.features.filter((feature) => feature.kind === 'code')
  if (codes.length > 0) {
    const data = new Int32Array(length * codes.length)
    codes.forEach((feature, k) => {
      const code = coder(columnNamed(frame, feature.column), feature.classes)
      for (let row = 0; row < length; row++) data[row * codes.length + k] = code(row, feature.classes.length)
    })
    columns.categories = { dtype: 'int32', shape: [codes.length], names: codes.map(({ column }) => column), data }
  }
  for (const feature of encoding.features) {
    if (feature.kind !== 'text') continue
    const words = vocabularyOf(feature.vocabulary)
    const data = new Int32Array(length * feature.length)
    const column = columnNamed(frame, feature.column)
    for (let row = 0; row < length; row++) data.set(words.encode(String(valueAt(column, row) ?? ''), feature.length), row * feature.length)
    columns[encoding.features.length === 1 ? 'x' : feature.column] = { dtype: 'int32', shape: [feature.length], data }
  }
  const { target } = encoding
  if (target !== undefined && Object.hasOwn(frame.columns, target.column)) columns.y = targetColumn(frame, target)
  return table(columns, { name: options.name ?? frame.name, encoding, allowNotFinite: keepsMissing(encoding) })
}

function checkFits(frame: FrameData, encoding: Encoding): void {
  const wanted = typesOf({ features: encoding.features })
  const problems = Object.entries(wanted).flatMap(([name, kind]) => {
    const column = Object.hasOwn(frame.columns, name) ? frame.columns[name] : undefined
    if (column === undefined) return [`the column '${name}' is missing`]
    const numbersExpected = kind === 'numeric' && column.kind !== 'numeric'
    return numbersExpected ? [`the column '${name}' is ${column.kind} but must be numeric`] : []
  })
  if (problems.length > 0) throw fail('COLUMNS_MISMATCH', `'${frame.name}'`, problems)
}

/** Class numbers of a column's rows; `otherwise` where the class is unknown or missing. Numbers count by their decimal text. */
function coder(column: FrameColumn, classes: readonly string[]): (row: number, otherwise: number) => number {
  const codes = new Map(classes.map((name, code) => [name, code]))
  if (column.kind === 'categorical') {
    const renumbered = column.classes.map((name) => codes.get(name))
    return (row, otherwise) => renumbered[column.data[row] as number] ?? otherwise
  }
  return (row, otherwise) => codes.get(String(valueAt(column, row))) ?? otherwise
}

function write(frame: FrameData, feature: FeatureEncoding, into: Float32Array, width: number, offset: number): void {
  const column = columnNamed(frame, feature.column)
  if (feature.kind === 'number') {
    const { mean, scale, fill, indicator } = feature
    const data = column.data as Float64Array
    for (let row = 0; row < frame.length; row++) {
      const value = data[row] as number
      const missing = Number.isNaN(value)
      if (missing && fill === null)
        throw fail('VALUE_MISSING', `'${frame.name}', row ${row + 1}`, feature.column, 'and its encoding takes no missing values')
      into[row * width + offset] = ((missing ? (fill === 'keep' ? Number.NaN : (fill as number)) : value) - mean) / scale
      if (indicator) into[row * width + offset + 1] = missing ? 1 : 0
    }
  } else if (feature.kind === 'oneHot') {
    const code = coder(column, feature.classes)
    for (let row = 0; row < frame.length; row++) {
      const at = code(row, feature.missing && isMissing(column, row) ? feature.classes.length : -1)
      if (at >= 0) into[row * width + offset + at] = 1
    }
  } else if (feature.kind === 'ordinal') {
    const code = coder(column, feature.classes)
    for (let row = 0; row < frame.length; row++) into[row * width + offset] = code(row, feature.classes.length)
  }
}

function targetColumn(frame: FrameData, target: TargetEncoding): Column {
  const column = columnNamed(frame, target.column)
  for (let row = 0; row < frame.length; row++)
    if (isMissing(column, row)) throw fail('VALUE_MISSING', `'${frame.name}', row ${row + 1}`, target.column, 'but it is the target')
  if (target.kind === 'number') {
    if (column.kind !== 'numeric')
      throw fail('COLUMNS_MISMATCH', `'${frame.name}'`, [`the target '${target.column}' is ${column.kind} but must be numeric`])
    return { dtype: 'float32', shape: [], data: Float32Array.from(column.data) }
  }
  const code = coder(column, target.classes)
  const data = new Int32Array(frame.length)
  for (let row = 0; row < frame.length; row++) {
    data[row] = code(row, -1)
    if (data[row] === -1)
      throw fail('LABEL_UNKNOWN', `'${frame.name}', row ${row + 1}`, target.column, valueAt(column, row), target.classes)
  }
  return { dtype: 'int32', shape: [], classes: target.classes, data }
}
