/** The data frame people hold: columns and rows with the few methods that lead to a dataset. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { identity } from './batches.ts'
import { applyEncoding } from './encode.ts'
import type { ColumnKind } from './encoding.ts'
import { type DatasetOptions, fitEncoding } from './fit.ts'
import type { FrameColumn, FrameData, FrameRow } from './frame.ts'
import * as frames from './frame.ts'
import type { SplitOptions } from './split.ts'
import type { Table } from './table.ts'

export interface Frame extends FrameData {
  readonly types: Readonly<Record<string, ColumnKind>>
  /** One row as people read it; undefined where a value is missing. */
  row(index: number): FrameRow
  /** Missing values of each column. */
  missing(): Record<string, number>
  take(indices: ArrayLike<number>): Frame
  slice(start?: number, end?: number): Frame
  filter(keep: (row: FrameRow, index: number) => boolean): Frame
  shuffle(random: Random): Frame
  split(options: SplitOptions): { readonly train: Frame; readonly test: Frame }
  concat(other: FrameData): Frame
  select(...names: string[]): Frame
  without(...names: string[]): Frame
  /** Sets or adds a column, from values or made from each row. */
  with(name: string, values: FrameColumn | FrameValues | ((row: FrameRow, index: number) => FrameValue)): Frame
  /** Rows in which none of these columns (default: none at all) is missing. */
  dropMissing(...names: string[]): Frame
  /**
   * The rows as numbers to learn from: fits an encoding to them, or applies one fitted before. The table carries it.
   *
   * @example
   * ```ts
   * const train = frame.dataset({ target: 'income', encode: { categorical: 'oneHot' } })
   * const test = other.dataset({ encoding: train.encoding })
   * ```
   */
  dataset(options: DatasetOptions): Table
}

export type FrameValue = number | string | boolean | null | undefined
export type FrameValues = ArrayLike<number> | readonly FrameValue[]

/**
 * A frame of columns: arrays of numbers (NaN, null and undefined are missing) or of strings (categories).
 *
 * @throws COLUMN_LENGTH
 * @example `frame({ age: [31, 52, null], city: ['Oslo', 'Bergen', 'Oslo'] }).dataset({ target: 'city' })`
 */
export function frame(from: FrameData | Readonly<Record<string, FrameColumn | FrameValues>>, name = 'frame'): Frame {
  if (!isData(from)) {
    const columns = Object.fromEntries(Object.entries(from).map(([key, values]) => [key, columnFrom(values)]))
    const length = Object.values(columns)[0]?.data.length ?? 0
    for (const [key, { data }] of Object.entries(columns))
      if (data.length !== length) throw fail('COLUMN_LENGTH', `'${name}'`, key, data.length, `${length} like the first column`)
    return frame({ name, length, columns })
  }
  const { length, columns } = from
  const keep = (test: (row: number) => boolean) => frame(frames.takeRows(from, identity(length).filter(test)))
  const only = (test: (key: string) => boolean) =>
    frame({ ...from, columns: Object.fromEntries(Object.entries(columns).filter(([key]) => test(key))) })
  const known = (names: readonly string[]) => names.map((key) => frames.columnNamed(from, key))
  const self: Frame = {
    name: from.name,
    length,
    columns,
    types: frames.kindsOf(from),
    row: (index) => frames.rowAt(from, index),
    missing: () => Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, frames.missingCount(column)])),
    take: (indices) => frame(frames.takeRows(from, Int32Array.from(indices))),
    slice: (start, end) => frame(frames.takeRows(from, identity(length).slice(start, end))),
    filter: (test) => keep((row) => test(frames.rowAt(from, row), row)),
    shuffle: (random) => frame(frames.shuffleFrame(from, random)),
    split(options) {
      const { train, test } = frames.splitFrame(from, options)
      return { train: frame(train), test: frame(test) }
    },
    concat: (other) => frame(frames.concatFrames(from, other)),
    select(...names) {
      known(names)
      return only((key) => names.includes(key))
    },
    without(...names) {
      known(names)
      return only((key) => !names.includes(key))
    },
    with(key, values) {
      const made = typeof values === 'function' ? Array.from({ length }, (_, row) => values(frames.rowAt(from, row), row)) : values
      return frame({ ...columns, [key]: columnFrom(made) }, from.name)
    },
    dropMissing(...names) {
      known(names)
      const checked = names.length > 0 ? names : Object.keys(columns)
      return keep((row) => checked.every((key) => !frames.isMissing(columns[key] as FrameColumn, row)))
    },
    dataset(options) {
      return applyEncoding(from, options.encoding ?? fitEncoding(from, options), options.name === undefined ? {} : { name: options.name })
    },
  }
  return self
}

function isData(from: FrameData | Readonly<Record<string, FrameColumn | FrameValues>>): from is FrameData {
  return typeof from.name === 'string' && typeof from.length === 'number'
}

function columnFrom(values: FrameColumn | FrameValues): FrameColumn {
  if ('kind' in values && typeof values.kind === 'string') return values
  const list = Array.from(values as ArrayLike<FrameValue>)
  if (list.every((value) => value === null || value === undefined || typeof value === 'number'))
    return { kind: 'numeric', data: Float64Array.from(list, (value) => (value as number | null | undefined) ?? Number.NaN) }
  return frames.categorical(list.map((value) => (value === null || value === undefined ? undefined : String(value))))
}
