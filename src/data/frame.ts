/** A small data frame: named columns of numbers, categories or text, some values missing. What every tabular reader gives. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { checkOptions } from '../core/registry.ts'
import { identity } from './batches.ts'
import type { ColumnKind } from './encoding.ts'
import { type SplitOptions, splitRows } from './split.ts'

export interface NumericColumn {
  readonly kind: 'numeric'
  /** NaN where missing. */
  readonly data: Float64Array
}

export interface CategoricalColumn {
  readonly kind: 'categorical'
  /** Sorted, where a reader made them. */
  readonly classes: readonly string[]
  /** Places in `classes`; -1 where missing. */
  readonly data: Int32Array
}

export interface TextColumn {
  readonly kind: 'text'
  readonly data: readonly (string | undefined)[]
}

export type FrameColumn = NumericColumn | CategoricalColumn | TextColumn

/** One row as people read it; undefined where missing. */
export type FrameRow = Readonly<Record<string, number | string | undefined>>

/** Columns and rows, without the way to a dataset (see `Frame`). */
export interface FrameData {
  readonly name: string
  readonly length: number
  readonly columns: Readonly<Record<string, FrameColumn>>
}

/** The kinds of the columns, as the readers' option `types` takes them. */
export function kindsOf(frame: FrameData): Record<string, ColumnKind> {
  return Object.fromEntries(Object.entries(frame.columns).map(([name, column]) => [name, column.kind]))
}

/** @throws COLUMN_UNKNOWN */
export function columnNamed(frame: FrameData, name: string): FrameColumn {
  const column = Object.hasOwn(frame.columns, name) ? frame.columns[name] : undefined
  if (column === undefined) throw fail('COLUMN_UNKNOWN', `'${frame.name}'`, name, Object.keys(frame.columns))
  return column
}

export function isMissing(column: FrameColumn, row: number): boolean {
  if (column.kind === 'numeric') return Number.isNaN(column.data[row])
  return column.kind === 'categorical' ? column.data[row] === -1 : column.data[row] === undefined
}

export function missingCount(column: FrameColumn): number {
  let count = 0
  for (let row = 0; row < column.data.length; row++) if (isMissing(column, row)) count++
  return count
}

export function valueAt(column: FrameColumn, row: number): number | string | undefined {
  if (isMissing(column, row)) return undefined
  return column.kind === 'categorical' ? column.classes[column.data[row] as number] : column.data[row]
}

export function rowAt(frame: FrameData, row: number): FrameRow {
  return Object.fromEntries(Object.entries(frame.columns).map(([name, column]) => [name, valueAt(column, row)]))
}

export function takeRows(frame: FrameData, rows: Int32Array): FrameData {
  const columns = Object.entries(frame.columns).map(([name, column]): [string, FrameColumn] => {
    if (column.kind === 'numeric') return [name, { ...column, data: Float64Array.from(rows, (row) => column.data[row] as number) }]
    if (column.kind === 'categorical') return [name, { ...column, data: Int32Array.from(rows, (row) => column.data[row] as number) }]
    return [name, { ...column, data: Array.from(rows, (row) => column.data[row]) }]
  })
  return { ...frame, length: rows.length, columns: Object.fromEntries(columns) }
}

export function splitFrame(frame: FrameData, options: SplitOptions): { train: FrameData; test: FrameData } {
  checkOptions('split', options, ['test', 'stratify', 'shuffle', 'seed', 'random'])
  const column = options.stratify === undefined ? undefined : columnNamed(frame, options.stratify)
  const { train, test } = splitRows(frame.length, column && labelsOf(column), options, `'${frame.name}'`)
  return { train: takeRows(frame, train), test: takeRows(frame, test) }
}

export function shuffleFrame(frame: FrameData, random: Random): FrameData {
  return takeRows(frame, random.shuffle(identity(frame.length)))
}

/** Rows of two frames with the same columns, one after the other; categories are united. */
export function concatFrames(first: FrameData, second: FrameData): FrameData {
  const columns = Object.entries(first.columns).map(([name, column]): [string, FrameColumn] => {
    const other = columnNamed(second, name)
    if (column.kind === 'numeric' && other.kind === 'numeric') {
      const data = new Float64Array(first.length + second.length)
      data.set(column.data)
      data.set(other.data, first.length)
      return [name, { kind: 'numeric', data }]
    }
    if (column.kind === 'categorical' && other.kind === 'categorical') return [name, unite(column, other)]
    if (column.kind === 'text' && other.kind === 'text') return [name, { kind: 'text', data: [...column.data, ...other.data] }]
    throw fail('DTYPE_MISMATCH', `concat, column '${name}' of '${second.name}'`, other.kind, column.kind)
  })
  return { name: first.name, length: first.length + second.length, columns: Object.fromEntries(columns) }
}

/** A categorical column of strings; classes are sorted. */
export function categorical(values: readonly (string | undefined)[]): CategoricalColumn {
  const classes = [...new Set(values)].filter((value) => value !== undefined).sort()
  const codes = new Map(classes.map((text, code) => [text, code]))
  return { kind: 'categorical', classes, data: Int32Array.from(values, (value) => (value === undefined ? -1 : (codes.get(value) ?? -1))) }
}

function unite(a: CategoricalColumn, b: CategoricalColumn): CategoricalColumn {
  const classes = [...new Set([...a.classes, ...b.classes])].sort()
  const codes = new Map(classes.map((text, code) => [text, code]))
  const data = new Int32Array(a.data.length + b.data.length)
  let at = 0
  for (const part of [a, b]) {
    const renumbered = part.classes.map((text) => codes.get(text) as number)
    for (const code of part.data) data[at++] = code < 0 ? -1 : (renumbered[code] as number)
  }
  return { kind: 'categorical', classes, data }
}

/** Whole numbers that tell the values of a column apart. */
function labelsOf(column: FrameColumn): ArrayLike<number> {
  if (column.kind === 'text') return categorical(column.data).data
  if (column.kind === 'categorical') return column.data
  return column.data.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value))
}
