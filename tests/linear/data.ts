import { random } from '../../src/core/random.ts'
import { type Table, table } from '../../src/data/index.ts'

/** The same numbers everywhere: a linear congruential generator, as in the script that made the golden values. */
function sequence(count: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(1103515245, state) + 12345) & 0x7fffffff
    return (state / 2 ** 31) * 2 - 1
  })
}

/** 40 rows of 5 features of very different sizes, of which the last leans on the first; a quantity and three labels. */
export function goldenData() {
  const [rows, size] = [40, 5]
  const sizes = Float32Array.of(1, 10, 0.1, 100, 1)
  const x = sequence(rows * size, 7).map((value, at) => value * (sizes[at % size] as number))
  for (let row = 0; row < rows; row++) x[row * size + 4] = Math.fround(x[row * size] as number) * 0.5 + (x[row * size + 4] as number)
  const noise = sequence(rows, 11)
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d] = x.subarray(row * size, row * size + 4) as unknown as [number, number, number, number]
    return Math.round((2 * a - 0.3 * b + 5 * c + 0.01 * d + 3 + 0.1 * (noise[row] as number)) * 1e6) / 1e6
  })
  const sorted = y.toSorted()
  const cut = (share: number) => {
    const at = share * (rows - 1)
    const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number]
    return low + (high - low) * (at - Math.floor(at))
  }
  const labels = Int32Array.from(y, (value) => (value < cut(0.33) ? 0 : value < cut(0.66) ? 1 : 2))
  const weights = Float64Array.from(sequence(rows, 5), (value) => Math.round((1 + value * 0.9) * 1000) / 1000)
  const of = (target: Float64Array | Int32Array): Table =>
    table({ x: { dtype: 'float32', shape: [size], data: x }, y: target }, { name: 'golden' })
  return { rows, size, x, y, labels, weights, quantity: of(y), three: of(labels), two: of(labels.map((label) => (label > 0 ? 1 : 0))) }
}

/** Rows of chance; `twin` makes the last feature a copy of the first, `constant` the second a constant. */
export function chanceData(seed: number, rows: number, size: number, { twin = false, constant = false, classes = 0 } = {}): Table {
  const chance = random(seed)
  const x = Float32Array.from({ length: rows * size }, () => chance.normal())
  for (let row = 0; row < rows; row++) {
    if (constant && size > 1) x[row * size + 1] = 0.1
    if (twin) x[row * size + size - 1] = x[row * size] as number
  }
  const y =
    classes > 0
      ? Int32Array.from({ length: rows }, (_, row) => (row < classes ? row : chance.int(classes)))
      : Float64Array.from({ length: rows }, (_, row) => 2 * (x[row * size] as number) + chance.normal())
  return table({ x: { dtype: 'float32', shape: [size], data: x }, y }, { name: 'chance' })
}
