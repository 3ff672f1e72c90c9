/** The same numbers for both programs: data sets as pairs of .npy files in a folder that is removed at the end. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { random } from '../../src/core/random.ts'
import { adult } from '../../src/data/index.ts'
import { examplesOf } from '../../src/estimator/index.ts'
import { npy } from '../../src/tensor/index.ts'

/** Row-major [rows, columns], and labels or quantities. */
export interface Numbers {
  readonly rows: number
  readonly columns: number
  readonly x: Float32Array
  readonly y: Int32Array | Float64Array
}

/** Files of one data set. */
export interface Files {
  readonly x: string
  readonly y: string
}

export interface Folder extends Disposable {
  write(name: string, numbers: Numbers): Files
}

export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  return {
    write(name, { rows, columns, x, y }) {
      const files = { x: join(path, `${name}.x.npy`), y: join(path, `${name}.y.npy`) }
      writeFileSync(files.x, npy.encode({ dtype: 'float32', shape: [rows, columns], data: x }))
      const target = y instanceof Int32Array ? ({ dtype: 'int32', data: y } as const) : ({ dtype: 'float64', data: y } as const)
      writeFileSync(files.y, npy.encode({ ...target, shape: [rows] }))
      return files
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** The first rows as they stand in the file of Covertype's subset, labels from 0; undefined where it is not there. */
export function covertype(dataDir: string | undefined, rows = 100_000): Numbers | undefined {
  const path = join(dataDir ?? process.env.TUTTI_DATA ?? '.', 'covtype', 'covtype-100k.data.gz')
  if (!existsSync(path)) return undefined
  const columns = 54
  const x = new Float32Array(rows * columns)
  const y = new Int32Array(rows)
  let row = 0
  for (const line of gunzipSync(readFileSync(path)).toString('latin1').split('\n')) {
    if (line === '' || row === rows) continue
    const cells = line.split(',')
    for (let k = 0; k < columns; k++) x[row * columns + k] = Number(cells[k])
    y[row++] = Number(cells[columns]) - 1
  }
  if (row < rows) throw new Error(`${path} has ${row} rows where ${rows} were wanted`)
  return { rows, columns, x, y }
}

/** All 48,842 rows of Adult, categories as numbers in the order of their names; undefined where it is not there. */
export async function census(dataDir: string | undefined): Promise<Numbers | undefined> {
  const dir = dataDir ?? process.env.TUTTI_DATA
  if (dir === undefined || !existsSync(join(dir, 'adult', 'adult.data'))) return undefined
  const { train, test } = await adult({ dir, encode: { numeric: 'none', categorical: 'ordinal' } })
  const { rows, features, x, y } = examplesOf(train.concat(test))
  return { rows, columns: features.length, x, y: Int32Array.from(y as Float64Array) }
}

/** J. H. Friedman: Multivariate Adaptive Regression Splines (1991), first function: ten inputs, five of which count, noise 1. */
export function friedman1(rows: number, seed: number): Numbers {
  const chance = random(seed).fork('friedman1')
  const columns = 10
  const x = Float32Array.from({ length: rows * columns }, () => chance.uniform())
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = x.subarray(row * columns, row * columns + 5) as unknown as [number, number, number, number, number]
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + chance.normal()
  })
  return { rows, columns, x, y }
}

/** Any number of rows for measuring growth: 20 quantities that are all different, three classes of them, a tenth of the labels wrong. */
export function generated(rows: number, seed = 0): Numbers {
  const chance = random(seed).fork('generated')
  const columns = 20
  const x = new Float32Array(rows * columns)
  for (let i = 0; i < x.length; i++) x[i] = chance.uniform()
  const y = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const [a, b, c, d] = x.subarray(row * columns, row * columns + 4) as unknown as [number, number, number, number]
    const signal = Math.sin(6 * a) + 2 * b * c + d
    y[row] = chance.uniform() < 0.1 ? chance.int(3) : signal < 0.7 ? 0 : signal < 1.5 ? 1 : 2
  }
  return { rows, columns, x, y }
}

/** Rows drawn at random for learning, the others for testing. */
export function splitAt({ rows, columns, x, y }: Numbers, learned: number, seed: number): { train: Numbers; test: Numbers } {
  const order = random(seed)
    .fork('split')
    .shuffle(Int32Array.from({ length: rows }, (_, row) => row))
  const take = (part: Int32Array): Numbers => {
    const chosen = new Float32Array(part.length * columns)
    for (const [at, row] of part.entries()) chosen.set(x.subarray(row * columns, (row + 1) * columns), at * columns)
    const target =
      y instanceof Int32Array ? Int32Array.from(part, (row) => y[row] as number) : Float64Array.from(part, (row) => y[row] as number)
    return { rows: part.length, columns, x: chosen, y: target }
  }
  return { train: take(order.subarray(0, learned)), test: take(order.subarray(learned)) }
}
