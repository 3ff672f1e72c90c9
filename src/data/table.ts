/** Datasets in memory: typed-array columns, and views of some of their rows. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { build, checkOptions } from '../core/registry.ts'
import { batchesOf, identity, permute } from './batches.ts'
import { allocate, type Column, checkColumn, columnOf, fieldOf, gatherer, type Values, widthOf } from './column.ts'
import type { Batch, BatchOptions, Dataset, Field, Row } from './dataset.ts'
import { type Encoding, keepsMissing } from './encoding.ts'
import { cutFeatures } from './features.ts'
import * as partitions from './partitions/index.ts'
import type { Partition } from './partitions/partition.ts'
import { type FoldOptions, foldRows, type SplitOptions, splitRows } from './split.ts'

/** `{ kind: 'iid', clients: 10 }`, `{ kind: 'dirichlet', clients: 10, alpha: 0.5 }`, `{ kind: 'byLabel', clients: 10 }`. */
export type PartitionSpec = {
  [K in keyof typeof partitions]: { readonly kind: K } & Readonly<Parameters<(typeof partitions)[K]>[0]>
}[keyof typeof partitions]

export interface TableOptions {
  readonly name?: string
  /** Columns the model sees. Default: all but the target. */
  readonly inputs?: readonly string[]
  /** Default: 'y', where there is such a column. */
  readonly target?: string
  /** How the columns were made from those of a file. */
  readonly encoding?: Encoding
  /** Lets NaN and infinite values through, for learners that take them (trees). Default false. */
  readonly allowNotFinite?: boolean
}

/** A dataset in memory. Every method gives a new table; rows are shared with the old one, not copied, where that can be. */
export interface Table extends Dataset {
  readonly length: number
  /** The columns' values, rows in this table's order. Gathered at the first use where the table is a view. */
  readonly columns: Readonly<Record<string, Column>>
  batches(options: BatchOptions): Iterable<Batch>
  /** The rows of these numbers, in this order; a number may come twice. */
  take(indices: ArrayLike<number>): Table
  /** Rows `start` to `end` (exclusive), as `Array.slice` counts. */
  slice(start?: number, end?: number): Table
  shuffle(random: Random): Table
  /** Cuts the rows in two, by default at random with seed 0. @example `set.split({ test: 0.2, stratify: 'y', seed: 7 })` */
  split(options: SplitOptions): { readonly train: Table; readonly test: Table }
  /** k pairs of training and test rows for cross-validation; every row is tested once. */
  kfold(k: number, options?: FoldOptions): { readonly train: Table; readonly test: Table }[]
  /** One table a client. Every row goes to exactly one. */
  partition(spec: PartitionSpec, random: Random): Table[]
  /** Makes each row anew. Rows come with logical values (scale applied); columns of the same shape keep their names. */
  map(change: (row: Row, index: number) => Row): Table
  filter(keep: (row: Row, index: number) => boolean): Table
  /** Keeps only these inputs (the target always stays): columns, features of a vector, or groups of one-hot features. */
  select(...names: string[]): Table
  /** Leaves these inputs out: columns, features of a vector, or groups of one-hot features. */
  without(...names: string[]): Table
  /** The rows of this table, then those of the others, which must have the same fields. */
  concat(...others: Table[]): Table
  /** Rows of each label 0..k-1 of a column (default: the target). */
  classCounts(column?: string): Int32Array
  /** Weights that make all classes count the same, `rows / (classes * count)`; 0 for a class without rows. */
  classWeights(column?: string): Float32Array
}

/**
 * A table of columns: typed arrays (not copied), lists of numbers, nested lists, or lists of strings (labels).
 *
 * Checked once, here: equal lengths, finite values, labels within their classes.
 *
 * @throws COLUMN_LENGTH, VALUE_NOT_FINITE, LABEL_OUTSIDE, COLUMN_UNKNOWN
 * @example
 * ```ts
 * const iris = table({ x: [[5.1, 3.5], [6.2, 2.9]], y: ['setosa', 'virginica'] })
 * for (const batch of iris.batches({ batchSize: 2 })) batch.columns.x?.shape // [2, 2]
 * ```
 */
export function table(columns: Readonly<Record<string, Column | Values>>, options: TableOptions = {}): Table {
  checkOptions('table', options, ['name', 'inputs', 'target', 'encoding', 'allowNotFinite'])
  const name = options.name ?? 'table'
  const target = options.target ?? (Object.hasOwn(columns, 'y') ? 'y' : undefined)
  const inputs = options.inputs ?? Object.keys(columns).filter((column) => column !== target)
  for (const column of target === undefined ? inputs : [...inputs, target])
    if (!Object.hasOwn(columns, column)) throw fail('COLUMN_UNKNOWN', name, column, Object.keys(columns))
  const made: Record<string, Column> = {}
  let rows: number | undefined
  for (const [key, values] of Object.entries(columns)) {
    const column = columnOf(key, values, { integers: key === target })
    rows ??= column.data.length / Math.max(1, widthOf(column))
    checkColumn(name, key, column, { rows, finite: options.allowNotFinite !== true })
    made[key] = column
  }
  return open({ name, columns: made, inputs, target, encoding: options.encoding, length: rows ?? 0 })
}

interface Source {
  readonly name: string
  readonly columns: Readonly<Record<string, Column>>
  readonly inputs: readonly string[]
  readonly target: string | undefined
  readonly encoding: Encoding | undefined
  readonly length: number
}

/** The table of a source's rows; `rows` undefined means all of them. */
function open(source: Source, rows?: Int32Array): Table {
  const { name, inputs, target } = source
  const length = rows?.length ?? source.length
  const fields = Object.fromEntries(Object.entries(source.columns).map(([key, column]) => [key, fieldOf(column)]))
  let gathered: Readonly<Record<string, Column>> | undefined = rows === undefined ? source.columns : undefined

  const self: Table = {
    name,
    fields,
    inputs,
    ...(target === undefined ? {} : { target }),
    ...(source.encoding === undefined ? {} : { encoding: source.encoding }),
    length,
    get columns() {
      gathered ??= Object.fromEntries(Object.entries(source.columns).map(([key, column]) => [key, pick(column, rows, length)]))
      return gathered
    },
    batches: (options) =>
      gathered === undefined ? batchesOf(source.columns, length, rows, options) : batchesOf(gathered, length, undefined, options),
    take: (indices) => open(source, checkedRows(self, rows, indices)),
    slice(start, end) {
      if (rows !== undefined) return open(source, rows.subarray(...bounds(length, start, end)))
      return open(cut(source, ...bounds(length, start, end)))
    },
    shuffle: (random) => self.take(permute(identity(length), random)),
    split(options) {
      checkOptions('split', options, ['test', 'stratify', 'shuffle', 'seed', 'random'])
      const parts = splitRows(length, labelsOf(self, options.stratify), options, `data set '${name}'`)
      return { train: self.take(parts.train), test: self.take(parts.test) }
    },
    kfold(k, options = {}) {
      checkOptions('kfold', options, ['stratify', 'shuffle', 'seed', 'random'])
      const tests = foldRows(length, k, labelsOf(self, options.stratify), options, `data set '${name}'`)
      return tests.map((test) => {
        const held = new Uint8Array(length)
        for (const row of test) held[row] = 1
        return { train: self.take(identity(length).filter((row) => held[row] === 0)), test: self.take(test) }
      })
    },
    partition(spec, random) {
      const partition = build<Partition>('partition', partitions, spec)
      const labels = partition.byLabel ? labelsOf(self, target ?? 'y') : undefined
      return partition.assign(length, labels ?? [], random).map((part) => self.take(part))
    },
    map: (change) => mapped(self, change),
    filter(keep) {
      const read = reader(self)
      return self.take(identity(length).filter((row) => keep(read(row), row)))
    },
    select: (...names) => open({ ...source, ...cutFeatures(source, names, true) }, rows),
    without: (...names) => open({ ...source, ...cutFeatures(source, names, false) }, rows),
    concat: (...others) => joined(self, others),
    classCounts(column = target) {
      const labels = labelsOf(self, column ?? 'y') as Int32Array
      const known = fields[column ?? 'y']?.classes?.length
      const counts = new Int32Array(known ?? labels.reduce((most, label) => Math.max(most, label), -1) + 1)
      for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
      return counts
    },
    classWeights(column) {
      const counts = self.classCounts(column)
      return Float32Array.from(counts, (count) => (count === 0 ? 0 : length / (counts.length * count)))
    },
  }
  return self
}

function pick(column: Column, rows: Int32Array | undefined, length: number): Column {
  const width = widthOf(column)
  const data = allocate(column.dtype, length * width)
  gatherer(data, column.data, width)(rows, 0, length)
  return { ...column, data }
}

function cut(source: Source, start: number, end: number): Source {
  const columns = Object.entries(source.columns).map(([key, column]) => {
    const width = widthOf(column)
    return [key, { ...column, data: column.data.subarray(start * width, end * width) } as Column]
  })
  return { ...source, columns: Object.fromEntries(columns), length: end - start }
}

function bounds(length: number, start = 0, end = length): [number, number] {
  const at = (index: number) => Math.min(length, Math.max(0, index < 0 ? length + index : index))
  return [at(start), Math.max(at(start), at(end))]
}

function checkedRows(of: Table, rows: Int32Array | undefined, indices: ArrayLike<number>): Int32Array {
  const picked = new Int32Array(indices.length)
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number
    if (!(index >= 0 && index < of.length && index === Math.floor(index)))
      throw fail('BAD_OPTION', `data set '${of.name}'`, 'row', index, `a whole number from 0 to ${of.length - 1}`)
    picked[i] = rows === undefined ? index : (rows[index] as number)
  }
  return picked
}

function labelsOf(of: Table, column: string | undefined): ArrayLike<number> | undefined {
  if (column === undefined) return undefined
  const found = Object.hasOwn(of.columns, column) ? of.columns[column] : undefined
  if (found === undefined) throw fail('COLUMN_UNKNOWN', `data set '${of.name}'`, column, Object.keys(of.fields))
  if (widthOf(found) !== 1 || found.dtype === 'float32' || found.dtype === 'float64' || found.dtype === 'int64')
    throw fail('DTYPE_MISMATCH', `labels '${column}' of data set '${of.name}'`, found.dtype, 'int32 or uint8 numbers, one a row')
  return found.data as Int32Array
}

/** Reads one row as logical values; arrays are copies. */
function reader(of: Table): (row: number) => Row {
  const columns = Object.entries(of.columns).map(([key, column]) => ({ key, column, width: widthOf(column) }))
  return (row) => {
    const values: Record<string, number | ArrayLike<number>> = {}
    for (const { key, column, width } of columns) {
      const { scale = 1, offset = 0 } = column
      const data = column.data as Float32Array
      const logical = isScaled(column)
      if (column.shape.length === 0) values[key] = logical ? Number(data[row]) * scale + offset : Number(data[row])
      else {
        const stored = data.subarray(row * width, (row + 1) * width)
        values[key] = logical ? Float32Array.from(stored, (value) => value * scale + offset) : stored.slice()
      }
    }
    return values
  }
}

function isScaled(field: Field): boolean {
  return (field.scale ?? 1) !== 1 || (field.offset ?? 0) !== 0
}

function mapped(of: Table, change: (row: Row, index: number) => Row): Table {
  const read = reader(of)
  const columns: Record<string, Column> = {}
  for (let row = 0; row < of.length; row++) {
    for (const [key, value] of Object.entries(change(read(row), row))) {
      const width = typeof value === 'number' ? 1 : value.length
      columns[key] ??= freshColumn(of.fields[key], value, width, of.length)
      const column = columns[key] as Column
      if (width !== widthOf(column))
        throw fail(
          'SHAPE_MISMATCH',
          `map of data set '${of.name}', row ${row + 1}, column '${key}'`,
          `${width} numbers`,
          `${widthOf(column)}`,
        )
      const data = column.data as Float32Array
      if (typeof value === 'number') data[row] = value
      else data.set(value, row * width)
    }
  }
  const inputs = Object.keys(columns).filter((key) => key !== of.target)
  const target = of.target !== undefined && Object.hasOwn(columns, of.target) ? { target: of.target } : {}
  return table(columns, { name: of.name, inputs, ...target, allowNotFinite: of.encoding !== undefined && keepsMissing(of.encoding) })
}

/** The field a mapped column has: the old one where the shape is the same (unscaled, since the values are logical now). */
function freshColumn(old: Field | undefined, value: number | ArrayLike<number>, width: number, rows: number): Column {
  const same = old !== undefined && widthOf(old) === width && (typeof value === 'number') === (old.shape.length === 0)
  if (!same) return { dtype: 'float32', shape: typeof value === 'number' ? [] : [width], data: new Float32Array(rows * width) }
  const { scale: _, offset: __, ...rest } = old
  const dtype = isScaled(old) ? 'float32' : old.dtype
  return { ...rest, dtype, data: allocate(dtype, rows * width) }
}

function joined(first: Table, others: readonly Table[]): Table {
  const tables = [first, ...others]
  const columns = Object.entries(first.columns).map(([key, column]) => {
    const length = tables.reduce((sum, one) => sum + one.length, 0)
    const data = allocate(column.dtype, length * widthOf(column)) as Float32Array
    let at = 0
    for (const one of tables) {
      const part = one.columns[key]
      if (part === undefined) throw fail('COLUMN_UNKNOWN', `data set '${one.name}'`, key, Object.keys(one.fields))
      const { data: values, ...field } = part
      if (JSON.stringify(field, Object.keys(field).sort()) !== JSON.stringify(fieldOf(column), Object.keys(fieldOf(column)).sort()))
        throw fail(
          'SHAPE_MISMATCH',
          `concat, column '${key}'`,
          `${part.dtype}[${part.shape}]`,
          `${column.dtype}[${column.shape}] with the same meaning`,
        )
      data.set(values as Float32Array, at)
      at += values.length
    }
    return [key, { ...column, data } as Column]
  })
  return table(Object.fromEntries(columns), {
    name: first.name,
    inputs: first.inputs,
    ...(first.target === undefined ? {} : { target: first.target }),
    ...(first.encoding === undefined ? {} : { encoding: first.encoding }),
    allowNotFinite: true,
  })
}
