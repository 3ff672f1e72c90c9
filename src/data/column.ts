/** Columns in memory: one typed array for all examples, with its field. */
import { bytesOf } from '../core/bytes.ts'
import { fail } from '../core/errors.ts'
import { type ArrayOf, type DType, dtypes, isFloat, sizeOf } from '../tensor/index.ts'
import type { Field } from './dataset.ts'

export interface Column extends Field {
  /** Values of all examples one after another, row-major. */
  readonly data: ArrayOf<DType>
}

/** What a column can be made of: numbers, labels, or nested lists of equal shape. */
export type Values = ArrayOf<DType> | readonly number[] | readonly string[] | readonly boolean[] | readonly Nested[]
type Nested = ArrayLike<number> | readonly Nested[]

/** Numbers of one example. */
export function widthOf(field: Field): number {
  return sizeOf(field.shape)
}

export function allocate(dtype: DType, size: number): ArrayOf<DType> {
  return new dtypes[dtype].array(size)
}

/** The field without its values. */
export function fieldOf({ data: _, ...field }: Column): Field {
  return field
}

/**
 * A column of plain values. Strings become int32 codes of sorted `classes`, whole numbers in an `integers` column int32,
 * other numbers float32, nested lists a shape; a typed array keeps its type.
 *
 * @throws SHAPE_MISMATCH when nested lists differ in length.
 */
export function columnOf(name: string, values: Column | Values, options: { integers?: boolean } = {}): Column {
  if (isColumn(values)) return values
  if (ArrayBuffer.isView(values)) return { dtype: dtypeOf(values), shape: [], data: values }
  const first = values[0]
  if (typeof first === 'string') {
    const classes = [...new Set(values as readonly string[])].sort()
    const codes = new Map(classes.map((text, code) => [text, code]))
    const data = Int32Array.from(values as readonly string[], (text) => codes.get(text) as number)
    return { dtype: 'int32', shape: [], classes, data }
  }
  if (typeof first === 'boolean') return { dtype: 'bool', shape: [], data: Uint8Array.from(values as readonly boolean[], Number) }
  const shape = first === undefined ? [] : shapeOf(first as number | Nested)
  const width = sizeOf(shape)
  const data = new Float64Array(values.length * width)
  ;(values as readonly (number | Nested)[]).forEach((value, row) => {
    const end = flatten(value, data, row * width)
    if (end !== (row + 1) * width)
      throw fail('SHAPE_MISMATCH', `column '${name}', row ${row + 1},`, `${end - row * width} numbers`, `[${shape}]`)
  })
  const whole = options.integers === true && data.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31)
  return whole ? { dtype: 'int32', shape, data: Int32Array.from(data) } : { dtype: 'float32', shape, data: Float32Array.from(data) }
}

/**
 * Holds a column to its promises: its length is `rows` examples, floats are finite, labels lie in 0..classes-1.
 *
 * @throws COLUMN_LENGTH, VALUE_NOT_FINITE, LABEL_OUTSIDE with the first value that is wrong and its row (from 1).
 */
export function checkColumn(
  where: string,
  name: string,
  column: Column,
  options: { rows?: number; firstRow?: number; finite?: boolean; classes?: number | undefined } = {},
): void {
  const { data } = column
  const width = widthOf(column)
  if (options.rows !== undefined && data.length !== options.rows * width)
    throw fail('COLUMN_LENGTH', where, name, data.length, `${options.rows * width} (${options.rows} rows of [${column.shape.join(', ')}])`)
  const rowOf = (index: number) => `${where}, row ${(options.firstRow ?? 0) + Math.floor(index / Math.max(1, width)) + 1}`
  const featureOf = (index: number) => (column.names === undefined ? name : `${name}.${column.names[index % width]}`)
  if (isFloat(column.dtype) && options.finite !== false) {
    const bad = firstNotFinite(data as Float32Array)
    if (bad >= 0) throw fail('VALUE_NOT_FINITE', rowOf(bad), featureOf(bad), data[bad])
  }
  const classes = options.classes ?? column.classes?.length
  if (classes !== undefined) {
    const bad = firstOutside(data as Float32Array, classes)
    if (bad >= 0) throw fail('LABEL_OUTSIDE', rowOf(bad), name, data[bad], classes)
  }
}

/** Copies rows `order[start..start + count]` to the front of a buffer; `order` undefined means rows `start..start + count`. */
export type Gatherer = (order: Int32Array | undefined, start: number, count: number) => void

/**
 * Copies rows of one width from one typed array to the front of another of the same type. Rows of at least 128 bytes are copied as bytes after one number of each of their cache lines was read: the processor
 * waits for many lines at once that way, where copying alone waits row by row (64 random rows of 784 bytes: 10 us, not 15).
 */
export function gatherer(target: ArrayOf<DType>, source: ArrayOf<DType>, width: number): Gatherer {
  // One kind of typed array goes in and comes out; the casts only spare the compiler its union of six.
  const into = target as Float32Array
  const from = source as Float32Array
  const rowBytes = width * source.BYTES_PER_ELEMENT
  const whole: Gatherer = (_, start, count) => into.set(from.subarray(start * width, (start + count) * width))
  if (rowBytes >= 128) {
    const bytesInto = bytesOf(target)
    const bytesFrom = bytesOf(source)
    const group = Math.max(1, Math.floor(touched / rowBytes))
    return (order, start, count) => {
      if (order === undefined) whole(order, start, count)
      else
        for (let first = 0; first < count; first += group) {
          const last = Math.min(count, first + group)
          if (rowBytes <= touchable) touch(bytesFrom, order, start + first, start + last, rowBytes)
          for (let row = first; row < last; row++) {
            const at = (order[start + row] as number) * rowBytes
            bytesInto.set(bytesFrom.subarray(at, at + rowBytes), row * rowBytes)
          }
        }
    }
  }
  return (order, start, count) => {
    if (order === undefined) whole(order, start, count)
    else if (width === 1) for (let row = 0; row < count; row++) into[row] = from[order[start + row] as number] as number
    else
      for (let row = 0; row < count; row++) {
        const at = (order[start + row] as number) * width
        const to = row * width
        for (let k = 0; k < width; k++) into[to + k] = from[at + k] as number
      }
  }
}

/** Longer rows are left to the processor's own prefetching, which has then found their direction. */
const touchable = 2048
/** Bytes read ahead of their copy: they must still be in the second-level cache when it comes. */
const touched = 128 * 1024
/** Where the touched numbers go, so that the reads are not optimized away. */
const sink = new Int32Array(1)

function touch(bytes: Uint8Array, order: Int32Array, start: number, end: number, rowBytes: number): void {
  let sum = 0
  for (let row = start; row < end; row++) {
    const at = (order[row] as number) * rowBytes
    for (let k = 0; k < rowBytes; k += 64) sum = (sum + (bytes[at + k] as number)) | 0
  }
  sink[0] = sum
}

function isColumn(values: Column | Values): values is Column {
  return !Array.isArray(values) && !ArrayBuffer.isView(values)
}

function dtypeOf(data: ArrayBufferView): DType {
  for (const [dtype, { array }] of Object.entries(dtypes)) if (data instanceof array) return dtype as DType
  throw fail(
    'BAD_OPTION',
    'table',
    'column',
    data.constructor.name,
    'a Float32Array, Float64Array, Int32Array, BigInt64Array or Uint8Array',
  )
}

function shapeOf(value: number | Nested): number[] {
  if (typeof value === 'number') return []
  return [value.length, ...(value.length === 0 ? [] : shapeOf(value[0] as number | Nested))]
}

function flatten(value: number | Nested, into: Float64Array, at: number): number {
  if (typeof value === 'number') {
    into[at] = value
    return at + 1
  }
  let end = at
  for (let i = 0; i < value.length; i++) end = flatten(value[i] as number | Nested, into, end)
  return end
}

function firstNotFinite(data: Float32Array | Float64Array): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i
  return -1
}

function firstOutside(data: ArrayLike<number>, classes: number): number {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number
    if (!(value >= 0 && value < classes && value === Math.floor(value))) return i
  }
  return -1
}
