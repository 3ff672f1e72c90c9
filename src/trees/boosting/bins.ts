/** Values as bins: where the borders of a feature's bins are, and in which bin each row is. */
import type { Feature } from '../../estimator/index.ts'

export interface Bins {
  /** Bins in all, that of missing values included; at most 256. */
  readonly count: number
  /** The bin of missing values, the last; -1 where there is none. */
  readonly missing: number
  /** Whether rows learned from have missing values. */
  readonly known: boolean
  /** A quantity is in the first bin whose border it does not exceed; in the last but the missing one where it exceeds all. */
  readonly borders: Float32Array
  /** Category of each bin; undefined of a quantity. */
  readonly categories: Int32Array | undefined
}

export interface Binned extends Bins {
  /** Of each row. */
  readonly codes: Uint8Array
}

/** Rows looked at for the borders of a feature's bins, as scikit-learn does. */
const sampled = 200_000

/** Features read from the rows at once: those of one line of the cache. */
const together = 16

/** Bins of all features. @param rows which rows of `x`, the first `learned` of which decide what bins there are */
export function binAll(x: Float32Array, features: readonly Feature[], rows: Int32Array, learned: number, most: number): Binned[] {
  const width = features.length
  const binned: Binned[] = []
  const columns = Array.from({ length: Math.min(together, width) }, () => new Float32Array(rows.length))
  for (let first = 0; first < width; first += together) {
    const some = Math.min(together, width - first)
    for (let from = 0; from < rows.length; from += blockRows) {
      const to = Math.min(from + blockRows, rows.length)
      for (let k = 0; k < some; k++) {
        const column = columns[k] as Float32Array
        for (let row = from; row < to; row++) column[row] = x[(rows[row] as number) * width + first + k] as number
      }
    }
    for (let k = 0; k < some; k++) binned.push(binsOf(columns[k] as Float32Array, features[first + k] as Feature, learned, most))
  }
  return binned
}

/** Rows whose lines stay in the nearest cache. */
const blockRows = 256

/**
 * Bins of one feature's values. Borders lie in the middle between neighbouring values where there are at most `most` of them, else at
 * quantiles; of categories, the `most` commonest have a bin each and all others go with the missing ones.
 */
export function binsOf(values: Float32Array, feature: Feature, learned: number, most: number): Binned {
  return feature.categories === undefined ? quantity(values, learned, most) : category(values, learned, most, feature.categories)
}

function quantity(values: Float32Array, learned: number, most: number): Binned {
  const borders = bordersOf(values.subarray(0, learned), most)
  const codes = new Uint8Array(values.length)
  const last = borders.length
  const absent = last + 1
  const { begin, cell } = cellsOf(borders)
  let [known, some] = [false, false]
  for (let k = 0; k < values.length; k++) {
    const value = values[k] as number
    if (Number.isNaN(value)) {
      codes[k] = absent
      some = true
      if (k < learned) known = true
      continue
    }
    let bin = begin[cell(value)] as number
    while (bin < last && (borders[bin] as number) < value) bin++
    codes[k] = bin
  }
  return { count: last + (some ? 2 : 1), missing: some ? absent : -1, known, borders, categories: undefined, codes }
}

/**
 * A grid over the borders: the bin search begins at the first border in the value's cell. Whatever is rounded, the cell never falls as
 * the value rises, so that borders in lower cells are lower than the value.
 */
function cellsOf(borders: Float32Array): { begin: Int32Array; cell: (value: number) => number } {
  const cells = 4096
  const low = (borders[0] as number) ?? 0
  const high = (borders.at(-1) as number) ?? 0
  const scale = high > low ? Math.min((cells - 1) / (high - low), Number.MAX_VALUE) : 0
  const cell = (value: number) => (value <= low || scale === 0 ? 0 : value >= high ? cells - 1 : Math.floor((value - low) * scale))
  const begin = new Int32Array(cells)
  let border = 0
  for (let k = 0; k < cells; k++) {
    while (border < borders.length && cell(borders[border] as number) < k) border++
    begin[k] = border
  }
  return { begin, cell }
}

function bordersOf(values: Float32Array, most: number): Float32Array {
  const few = fewValues(values, Math.min(most, 8))
  if (few) return between(few)
  const step = values.length > sampled ? values.length / sampled : 1
  const sample = step === 1 ? values.slice() : Float32Array.from({ length: sampled }, (_, k) => values[Math.floor(k * step)] as number)
  const end = sortNumbers(sample)
  const distinct: number[] = []
  for (let k = 0; k < end && distinct.length <= most; k++) if (k === 0 || sample[k] !== sample[k - 1]) distinct.push(sample[k] as number)
  if (distinct.length <= most) return between(distinct)
  const borders: number[] = []
  for (let k = 1; k < most; k++) {
    // The "averaged inverted distribution function".
    const place = (end * k) / most
    const at = Math.floor(place)
    const border = at === place ? middle(sample[at - 1] as number, sample[at] as number) : (sample[at] as number)
    if (borders.length === 0 || border > (borders.at(-1) as number)) borders.push(border)
  }
  return Float32Array.from(borders)
}

/** Sorts in place, missing values last; how many others there are. By digits of their bits where that is faster. */
function sortNumbers(values: Float32Array): number {
  let end = 0
  for (const value of values) if (!Number.isNaN(value)) values[end++] = value
  values.fill(Number.NaN, end)
  if (end < 4096) {
    values.subarray(0, end).sort()
    return end
  }
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, end)
  let to: Uint32Array = new Uint32Array(end)
  const places = [new Uint32Array(2048), new Uint32Array(2048), new Uint32Array(2048)] as const
  for (let k = 0; k < end; k++) {
    // Bits that order as the numbers do: the sign turned over, and of negative ones all others too.
    const bits = from[k] as number
    const key = (bits ^ ((bits >> 31) | 0x80000000)) >>> 0
    from[k] = key
    places[0][key & 2047]!++
    places[1][(key >>> 11) & 2047]!++
    places[2][key >>> 22]!++
  }
  for (const [digit, counts] of places.entries()) {
    for (let k = 0, sum = 0; k < 2048; k++) {
      const n = counts[k] as number
      counts[k] = sum
      sum += n
    }
    for (let k = 0; k < end; k++) {
      const key = from[k] as number
      to[counts[(key >>> (11 * digit)) & 2047]!++] = key
    }
    const kept = from
    from = to
    to = kept
  }
  // After three turns all is in the other array.
  for (let k = 0; k < end; k++) {
    const key = from[k] as number
    to[k] = key ^ (((key ^ 0x80000000) >> 31) | 0x80000000)
  }
  return end
}

/** The different values in order, where there are at most so many: told without sorting all. */
function fewValues(values: Float32Array, most: number): number[] | undefined {
  const found: number[] = []
  let latest: number | undefined
  for (let k = 0; k < values.length; k++) {
    const value = values[k] as number
    if (value === latest || Number.isNaN(value)) continue
    latest = value
    if (found.includes(value)) continue
    if (found.length === most) return undefined
    found.push(value)
  }
  return found.sort((a, b) => a - b)
}

function between(values: readonly number[]): Float32Array {
  return Float32Array.from({ length: Math.max(values.length - 1, 0) }, (_, k) => middle(values[k] as number, values[k + 1] as number))
}

/** A float32 from a on but below b. */
function middle(a: number, b: number): number {
  const m = Math.fround((a + b) / 2)
  return m >= a && m < b ? m : a
}

function category(values: Float32Array, learned: number, most: number, categories: number): Binned {
  const rows = new Int32Array(categories)
  for (let k = 0; k < learned; k++) {
    const value = values[k] as number
    if (value >= 0 && value < categories) rows[value]!++
  }
  const seen = [...rows.keys()].filter((c) => (rows[c] as number) > 0)
  const kept =
    seen.length <= most
      ? seen
      : seen
          .sort((a, b) => (rows[b] as number) - (rows[a] as number) || a - b)
          .slice(0, most)
          .sort((a, b) => a - b)
  const bin = new Int32Array(categories).fill(kept.length)
  for (const [k, c] of kept.entries()) bin[c] = k
  const codes = new Uint8Array(values.length)
  let [known, some] = [false, false]
  for (let k = 0; k < values.length; k++) {
    const value = values[k] as number
    const code = value >= 0 && value < categories ? (bin[value] as number) : kept.length
    codes[k] = code
    if (code < kept.length) continue
    some = true
    if (k < learned) known = true
  }
  const count = kept.length + (some ? 1 : 0)
  return {
    count: Math.max(count, 1),
    missing: some ? kept.length : -1,
    known,
    borders: new Float32Array(0),
    categories: Int32Array.from(kept),
    codes,
  }
}
