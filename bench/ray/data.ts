/** The rows and the folds of the grid search, for others: those that `--cv 5` of the example learns from and measures on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { covtype } from '../../src/data/index.ts'
import { examplesOf } from '../../src/estimator/index.ts'
import { npy } from '../../src/tensor/index.ts'
import { foldsOf } from '../../src/train/index.ts'

/** The example's. */
const rows = 10_000

export interface GridData extends Disposable {
  /** Of x.npy, y.npy and folds.npy. */
  readonly folder: string
  readonly rows: number
}

/** Undefined where Covertype is not there. */
export async function gridData(dir: string | undefined, folds: number): Promise<GridData | undefined> {
  const place = dir ?? process.env.TUTTI_DATA ?? '.'
  if (!['covtype.data.gz', 'covtype-100k.data.gz'].some((name) => existsSync(join(place, 'covtype', name)))) return undefined
  const found = await covtype({ dir: place, numeric: 'none', rows: rows * 1.25, test: rows * 0.25 })
  const { x, y, features, rows: count } = examplesOf(found.train)
  const fold = new Int32Array(count)
  for (const [number, { test }] of foldsOf(found.train, { cv: folds }).entries()) for (const row of test) fold[row] = number
  const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  const write = (name: string, value: Parameters<typeof npy.encode>[0]) => writeFileSync(join(folder, `${name}.npy`), npy.encode(value))
  write('x', { dtype: 'float32', shape: [count, features.length], data: Float32Array.from(x) })
  write('y', { dtype: 'int32', shape: [count], data: Int32Array.from(y as ArrayLike<number>) })
  write('folds', { dtype: 'int32', shape: [count], data: fold })
  return { folder, rows: count, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
