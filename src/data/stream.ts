/** Datasets that are read, not held: from a file larger than memory, or from any source of rows. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { checkOptions } from '../core/registry.ts'
import type { ArrayOf, DType, Tensor } from '../tensor/index.ts'
import { checkBatchOptions, permute } from './batches.ts'
import { allocate, type Column, widthOf } from './column.ts'
import type { Batch, BatchOptions, Dataset, Field, Row } from './dataset.ts'
import { type Encoding, keepsMissing } from './encoding.ts'
import { cutFields } from './features.ts'
import { type Table, table } from './table.ts'

export interface StreamOptions {
  readonly name?: string
  readonly fields: Readonly<Record<string, Field>>
  /** Called anew for every pass. A row is a value a field: a number, or the flat numbers of its shape. */
  readonly rows?: () => Iterable<Row> | AsyncIterable<Row>
  /** The same in tables of some rows each, for sources that read many rows at once. */
  readonly tables?: () => AsyncIterable<Table>
  /** Default: all fields but the target. */
  readonly inputs?: readonly string[]
  /** Default: 'y', where there is such a field. */
  readonly target?: string
  /** Number of rows, where it is known. */
  readonly length?: number
  readonly encoding?: Encoding
}

/** A dataset read row by row. Every method gives a new stream; nothing is read before batches are asked for. */
export interface Stream extends Dataset {
  /** With `shuffle`, rows pass through the shuffle buffer; `skip` reads the rows it passes over. */
  batches(options: BatchOptions): AsyncIterable<Batch>
  /** Rows held to draw from when `shuffle` is asked for; default 10,000. A buffer as long as the data is a full shuffle. */
  shuffleBuffer(rows: number): Stream
  /** Batches made ahead while the caller computes. */
  prefetch(batches: number): Stream
  /** Makes each row anew, from its logical values. New columns need `fields`. */
  map(change: (row: Row, index: number) => Row, fields?: Readonly<Record<string, Field>>): Stream
  filter(keep: (row: Row, index: number) => boolean): Stream
  /** The first rows only. */
  take(count: number): Stream
  /** Leaves these inputs out: columns, features of a vector, or groups of one-hot features. */
  without(...names: string[]): Stream
  /** Reads all of it into memory. */
  table(): Promise<Table>
}

const chunkRows = 1024

/**
 * A dataset over a source that is read anew in every pass. Memory: one chunk, the shuffle buffer and the batches ahead.
 *
 * @throws BAD_OPTION without `rows` or `tables`; as rows are read: SHAPE_MISMATCH, COLUMN_UNKNOWN, VALUE_NOT_FINITE, LABEL_OUTSIDE
 * @example
 * ```ts
 * const squares = stream({ fields: { x: { dtype: 'float32', shape: [] } }, *rows() { for (let x = 0; ; x++) yield { x } } })
 * for await (const batch of squares.take(100).batches({ batchSize: 32 })) batch.size
 * ```
 */
export function stream(options: StreamOptions): Stream {
  checkOptions('stream', options, ['name', 'fields', 'rows', 'tables', 'inputs', 'target', 'length', 'encoding'])
  const { name = 'stream', fields, rows, tables, length, encoding } = options
  const target = options.target ?? (Object.hasOwn(fields, 'y') ? 'y' : undefined)
  const inputs = options.inputs ?? Object.keys(fields).filter((field) => field !== target)
  for (const key of target === undefined ? inputs : [...inputs, target])
    if (!Object.hasOwn(fields, key)) throw fail('COLUMN_UNKNOWN', name, key, Object.keys(fields))
  const about = { name, fields, inputs, target, encoding }
  const source = tables ?? (rows === undefined ? undefined : () => tablesOf(about, rows))
  if (source === undefined) throw fail('BAD_OPTION', 'stream', 'rows', undefined, "a function that gives rows (or 'tables')")
  return open({ ...about, length, tables: source, buffer: 10_000, ahead: 0 })
}

interface About {
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
  readonly inputs: readonly string[]
  readonly target: string | undefined
  readonly encoding: Encoding | undefined
}

interface Source extends About {
  readonly length: number | undefined
  readonly tables: () => AsyncIterable<Table>
  readonly buffer: number
  readonly ahead: number
}

function open(source: Source): Stream {
  const { name, fields, inputs, target, encoding, length } = source
  const count = (what: string, value: number, least: number) => {
    if (!Number.isInteger(value) || value < least)
      throw fail('BAD_OPTION', `stream '${name}'`, what, value, `a whole number of at least ${least}`)
    return value
  }
  /** The stream of tables made from these, whose first row has number `from`. */
  const through = (change: (table: Table, from: number) => Table, now: Partial<Source>): Stream =>
    open({
      ...source,
      ...now,
      tables: async function* () {
        let from = 0
        for await (const part of source.tables()) {
          yield change(part, from)
          from += part.length
        }
      },
    })
  return {
    name,
    fields,
    inputs,
    ...(target === undefined ? {} : { target }),
    ...(encoding === undefined ? {} : { encoding }),
    length,
    batches(options) {
      checkBatchOptions(options)
      // The stream of chance is copied now, so that a pass begins at the same draw however often it is iterated.
      const chance = options.shuffle?.fork('stream', options.shuffle.bits())
      return { [Symbol.asyncIterator]: () => ahead(batchesOf(source, options, chance), source.ahead) }
    },
    shuffleBuffer: (rows) => open({ ...source, buffer: count('shuffleBuffer', rows, 1) }),
    prefetch: (batches) => open({ ...source, ahead: count('prefetch', batches, 0) }),
    map(change, given) {
      const after = given ?? fields
      const left = (key: string) => Object.hasOwn(after, key)
      const about = { ...source, fields: after, inputs: given ? Object.keys(given).filter((key) => key !== target) : inputs.filter(left) }
      const now = { ...about, target: target !== undefined && left(target) ? target : undefined, encoding: undefined }
      return through(
        (part, from) =>
          retabled(
            now,
            part.map((row, index) => change(row, from + index)),
          ),
        now,
      )
    },
    filter: (keep) => through((part, from) => part.filter((row, index) => keep(row, from + index)), { length: undefined }),
    take(rows) {
      count('take', rows, 0)
      const left = { length: length === undefined ? undefined : Math.min(length, rows) }
      return open({ ...source, ...left, tables: () => firstRows(source.tables(), rows) })
    },
    without(...names) {
      const { fields: left, inputs: seen, encoding: rules } = cutFields(source, names, false)
      return through((part) => part.without(...names), { fields: left, inputs: seen, encoding: rules })
    },
    async table() {
      const parts: Table[] = []
      for await (const part of source.tables()) parts.push(part)
      const [first, ...others] = parts
      if (first === undefined) throw fail('NO_ROWS', `stream '${name}'`, 'its source gave none')
      return others.length === 0 ? first : first.concat(...others)
    },
  }
}

/** The columns of a table as the fields say: values are stored as their dtype, in their order. */
function retabled(about: About, made: Table): Table {
  const columns = Object.entries(about.fields).map(([key, field]): [string, Column] => {
    const column = made.columns[key]
    if (column === undefined) throw fail('COLUMN_UNKNOWN', `a row of stream '${about.name}'`, key, Object.keys(made.columns))
    if (widthOf(column) !== widthOf(field))
      throw fail(
        'SHAPE_MISMATCH',
        `column '${key}' of stream '${about.name}'`,
        `${widthOf(column)} numbers a row`,
        `[${field.shape.join(', ')}]`,
      )
    const { scale = 1, offset = 0 } = field
    const data = allocate(field.dtype, column.data.length) as Float32Array
    const logical = column.data as Float32Array
    const stored = scale === 1 && offset === 0
    const whole = field.dtype !== 'float32' && field.dtype !== 'float64'
    for (let i = 0; i < data.length; i++) {
      const value = stored ? (logical[i] as number) : ((logical[i] as number) - offset) / scale
      data[i] = whole && !stored ? Math.round(value) : value
    }
    return [key, { ...field, data }]
  })
  return table(Object.fromEntries(columns), tableOptions(about))
}

function tableOptions({ name, inputs, target, encoding }: About) {
  const encoded = encoding === undefined ? {} : { encoding, allowNotFinite: keepsMissing(encoding) }
  return { name, inputs, ...(target === undefined ? {} : { target }), ...encoded }
}

/** Rows gathered to tables of 1,024. */
async function* tablesOf(about: About, rows: () => Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Table> {
  let held: Row[] = []
  let from = 0
  const flush = () => {
    const columns = Object.entries(about.fields).map(([key, field]): [string, Column] => {
      const width = widthOf(field)
      const data = allocate(field.dtype, held.length * width) as Float32Array
      held.forEach((row, index) => {
        const value = row[key]
        const numbers = typeof value === 'number' ? 1 : value?.length
        if (numbers !== width)
          throw fail(
            'SHAPE_MISMATCH',
            `stream '${about.name}', row ${from + index + 1}, column '${key}'`,
            `${numbers ?? 'no'} numbers`,
            `${width}`,
          )
        if (typeof value === 'number') data[index] = value
        else if (value !== undefined) data.set(value, index * width)
      })
      return [key, { ...field, data }]
    })
    from += held.length
    held = []
    return table(Object.fromEntries(columns), tableOptions(about))
  }
  for await (const row of rows()) if (held.push(row) === chunkRows) yield flush()
  if (held.length > 0) yield flush()
}

async function* firstRows(tables: AsyncIterable<Table>, rows: number): AsyncGenerator<Table> {
  let left = rows
  if (left === 0) return
  for await (const part of tables) {
    yield part.length <= left ? part : part.slice(0, left)
    left -= part.length
    if (left <= 0) return
  }
}

/** Rows copied into batches, through the shuffle buffer where there is chance; `source.ahead + 2` sets of buffers in turn. */
async function* batchesOf(source: Source, options: BatchOptions, chance: Random | undefined): AsyncGenerator<Batch> {
  const { batchSize, skip = 0, dropLast = false } = options
  const columns = Object.entries(source.fields).map(([key, field]) => ({ key, field, width: widthOf(field) }))
  const widths = columns.map(({ width }) => width)
  const sets = Array.from({ length: source.ahead + 2 }, () => columns.map(({ field, width }) => allocate(field.dtype, batchSize * width)))
  const pool = chance === undefined ? undefined : columns.map(({ field, width }) => allocate(field.dtype, source.buffer * width))
  let index = 0
  let filled = 0
  const batch = (size: number): Batch | undefined => {
    const set = sets[index % sets.length] as ArrayOf<DType>[]
    const tensors = columns.map(({ key, field, width }, c): [string, Tensor] => {
      const data = (set[c] as Float32Array).subarray(0, size * width) as ArrayOf<DType>
      return [key, { dtype: field.dtype, shape: [size, ...field.shape], data }]
    })
    filled = 0
    return index++ < skip ? undefined : { size, columns: Object.fromEntries(tensors) }
  }
  /** Copies row `at` of some columns to the batch; says whether it is full. */
  const emit = (from: readonly ArrayOf<DType>[], at: number): boolean => {
    const set = sets[index % sets.length] as ArrayOf<DType>[]
    copyRow(from, at, set, filled, widths)
    return ++filled === batchSize
  }
  let pooled = 0
  for await (const part of source.tables()) {
    const data = columns.map(({ key }) => part.columns[key]?.data as ArrayOf<DType>)
    for (let row = 0; row < part.length; row++) {
      let full = false
      if (pool === undefined || chance === undefined) full = emit(data, row)
      else {
        // A full buffer gives the row of a random place, which the new row takes.
        const room = pooled < source.buffer
        const place = room ? pooled++ : chance.int(source.buffer)
        if (!room) full = emit(pool, place)
        copyRow(data, row, pool, place, widths)
      }
      if (full) {
        const made = batch(batchSize)
        if (made !== undefined) yield made
      }
    }
  }
  if (pool !== undefined && chance !== undefined)
    for (const row of permute(
      Int32Array.from({ length: pooled }, (_, i) => i),
      chance,
    ))
      if (emit(pool, row)) {
        const made = batch(batchSize)
        if (made !== undefined) yield made
      }
  if (filled > 0 && !dropLast) {
    const made = batch(filled)
    if (made !== undefined) yield made
  }
}

function copyRow(from: readonly ArrayOf<DType>[], row: number, to: readonly ArrayOf<DType>[], at: number, widths: readonly number[]): void {
  for (let c = 0; c < widths.length; c++) {
    const width = widths[c] as number
    const source = from[c] as Float32Array
    const target = to[c] as Float32Array
    if (width === 1) target[at] = source[row] as number
    else target.set(source.subarray(row * width, (row + 1) * width), at * width)
  }
}

/** Asks for `count` more items than the caller has, so that they are made while it computes. */
async function* ahead<T>(items: AsyncGenerator<T>, count: number): AsyncGenerator<T> {
  if (count === 0) return yield* items
  const asked: Promise<IteratorResult<T>>[] = []
  try {
    for (;;) {
      while (asked.length <= count) {
        const next = items.next()
        next.catch(() => undefined) // told to the caller when its turn comes
        asked.push(next)
      }
      const { done, value } = await (asked.shift() as Promise<IteratorResult<T>>)
      if (done) return
      yield value
    }
  } finally {
    await items.return(undefined)
  }
}
