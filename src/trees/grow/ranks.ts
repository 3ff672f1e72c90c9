/**
 * Features as exact ranks: each value is replaced by its place among the feature's distinct values, so that growing compares and
 * counts small whole numbers and loses nothing. Made once a data set, on memory that threads share.
 */
import type { Examples } from '../../estimator/index.ts'

/** What a feature is to the grower. */
export const kinds = { flag: 0, quantity: 1, category: 2, constant: 3 } as const

export interface Ranked {
  readonly rows: number
  readonly features: number
  /** Column-major ranks, [features][rows]. Missing values have the rank after the last. */
  readonly ranks: Uint16Array | Uint32Array
  /** Column-major 0 and 1, only of the features of kind flag: column `flagAt[feature]`. */
  readonly flags: Uint8Array
  readonly flagAt: Int32Array
  /** Column of a feature in `ranks`; -1 for flags and constants. */
  readonly rankAt: Int32Array
  readonly kind: Uint8Array
  /** Distinct values of each feature, missing ones not counted; of a categorical feature, its categories. */
  readonly distinct: Int32Array
  /** 1 where the feature has missing values. */
  readonly missing: Uint8Array
  /** The distinct values of all features, increasing, one feature after another: those of feature f begin at `valuesAt[f]`. */
  readonly values: Float32Array
  readonly valuesAt: Int32Array
}

/** By the matrix: examples around it are made anew by whoever checks or weighs them. */
const known = new WeakMap<Float32Array, { readonly features: Examples['features']; readonly ranked: Ranked }>()

/** The ranks of a data set, made at the first call. */
export function ranksOf(examples: Examples): Ranked {
  const { x, features } = examples
  const found = known.get(x)
  // The same numbers may be called categories by one and quantities by another.
  if (found?.features === features) return found.ranked
  const ranked = rank(examples)
  known.set(x, { features, ranked })
  return ranked
}

interface RankedColumn {
  readonly ranks: Uint32Array
  readonly values: Float32Array
  readonly missing: boolean
}

function rank({ x, rows, features }: Examples): Ranked {
  const width = features.length
  const columns = features.map(({ categories }, f): RankedColumn => {
    const column = new Float32Array(rows)
    for (let row = 0, at = f; row < rows; row++, at += width) column[row] = x[at] as number
    return categories === undefined ? rankQuantity(column) : rankCategory(column, categories)
  })
  const kind = shared(Uint8Array, width)
  const distinct = shared(Int32Array, width)
  const missing = shared(Uint8Array, width)
  const flagAt = shared(Int32Array, width)
  const rankAt = shared(Int32Array, width)
  const valuesAt = shared(Int32Array, width)
  let flagColumns = 0
  let rankColumns = 0
  let numbers = 0
  let most = 0
  columns.forEach(({ values, missing: gaps }, f) => {
    const categorical = features[f]?.categories !== undefined
    const shown = values.length + (gaps ? 1 : 0)
    kind[f] = shown <= 1 ? kinds.constant : categorical ? kinds.category : values.length === 2 && !gaps ? kinds.flag : kinds.quantity
    distinct[f] = values.length
    missing[f] = gaps ? 1 : 0
    flagAt[f] = kind[f] === kinds.flag ? flagColumns++ : -1
    rankAt[f] = kind[f] === kinds.quantity || kind[f] === kinds.category ? rankColumns++ : -1
    valuesAt[f] = numbers
    numbers += values.length
    if (values.length > most) most = values.length
  })
  const ranks = most < 65_536 ? shared(Uint16Array, rankColumns * rows) : shared(Uint32Array, rankColumns * rows)
  const flags = shared(Uint8Array, flagColumns * rows)
  const values = shared(Float32Array, numbers)
  columns.forEach((column, f) => {
    values.set(column.values, valuesAt[f])
    const flag = flagAt[f] as number
    const at = rankAt[f] as number
    if (flag >= 0) flags.set(column.ranks, flag * rows)
    if (at >= 0) ranks.set(column.ranks, at * rows)
  })
  return { rows, features: width, ranks, flags, flagAt, rankAt, kind, distinct, missing, values, valuesAt }
}

/** Widest span of whole numbers that is ranked by marking which of them are there. */
const widestSpan = 1 << 20

function rankQuantity(column: Float32Array): RankedColumn {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let whole = true
  let missing = false
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number
    if (value < least) least = value
    if (value > most) most = value
    if (Number.isNaN(value)) missing = true
    else if (whole && value !== Math.floor(value)) whole = false
  }
  if (most < least) return { ranks: new Uint32Array(column.length), values: new Float32Array(0), missing }
  return whole && most - least < widestSpan ? byMarks(column, least, most, missing) : bySorting(column, missing)
}

function byMarks(column: Float32Array, least: number, most: number, missing: boolean): RankedColumn {
  const there = new Int32Array(most - least + 1)
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number
    if (!Number.isNaN(value)) there[value - least] = 1
  }
  let distinct = 0
  for (let place = 0; place < there.length; place++) if (there[place] === 1) there[place] = distinct++
  const ranks = new Uint32Array(column.length)
  const values = new Float32Array(distinct)
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number
    const place = Number.isNaN(value) ? distinct : (there[value - least] as number)
    ranks[row] = place
    if (place < distinct) values[place] = value
  }
  return { ranks, values, missing }
}

const digitBits = 11
const digits = 1 << digitBits

/** Sorts 32-bit keys that order as the floats do, together with their rows: three passes of a radix sort. */
function bySorting(column: Float32Array, missing: boolean): RankedColumn {
  const rows = column.length
  let keys = new Uint32Array(rows)
  let order = new Uint32Array(rows)
  const sums = new Float32Array(rows)
  // Minus zero becomes zero: they are the same value.
  for (let row = 0; row < rows; row++) sums[row] = (column[row] as number) + 0
  const bits = new Uint32Array(sums.buffer)
  let present = 0
  for (let row = 0; row < rows; row++) {
    const value = column[row] as number
    if (Number.isNaN(value)) continue
    const b = bits[row] as number
    keys[present] = b & 0x80000000 ? ~b : b | 0x80000000
    order[present++] = row
  }
  let keysTo = new Uint32Array(rows)
  let orderTo = new Uint32Array(rows)
  for (let shift = 0; shift < 32; shift += digitBits) {
    const starts = new Int32Array(digits + 1)
    for (let i = 0; i < present; i++) {
      const digit = (((keys[i] as number) >>> shift) & (digits - 1)) + 1
      starts[digit] = (starts[digit] as number) + 1
    }
    for (let digit = 0; digit < digits; digit++) starts[digit + 1] = (starts[digit + 1] as number) + (starts[digit] as number)
    for (let i = 0; i < present; i++) {
      const digit = ((keys[i] as number) >>> shift) & (digits - 1)
      const to = starts[digit] as number
      starts[digit] = to + 1
      keysTo[to] = keys[i] as number
      orderTo[to] = order[i] as number
    }
    ;[keys, keysTo, order, orderTo] = [keysTo, keys, orderTo, order]
  }
  const ranks = new Uint32Array(rows)
  const values = new Float32Array(present)
  let distinct = 0
  for (let i = 0; i < present; i++) {
    if (i === 0 || keys[i] !== keys[i - 1]) values[distinct++] = column[order[i] as number] as number
    ranks[order[i] as number] = distinct - 1
  }
  if (missing) for (let row = 0; row < rows; row++) if (Number.isNaN(column[row])) ranks[row] = distinct
  return { ranks, values: values.slice(0, distinct), missing }
}

/** Codes are their own ranks. What is no code (missing, negative, too large) is missing. */
function rankCategory(column: Float32Array, categories: number): RankedColumn {
  let missing = false
  const ranks = Uint32Array.from(column, (value) => {
    if (value >= 0 && value < categories) return Math.floor(value)
    missing = true
    return categories
  })
  return { ranks, values: Float32Array.from({ length: categories }, (_, code) => code), missing }
}

interface TypedArrayMaker<T> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: SharedArrayBuffer): T
}

/** Zeros on memory that threads share. */
export function shared<T>(kind: TypedArrayMaker<T>, length: number): T {
  return new kind(new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT))
}
