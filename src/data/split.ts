/** Which rows go where: pure functions from labels and chance to row numbers. */
import { fail } from '../core/errors.ts'
import { type Random, random } from '../core/random.ts'
import { identity } from './batches.ts'

/** Where chance comes from: a seed, or a stream of one's own. Seed 0 when neither is given. */
export interface Chance {
  readonly seed?: number | string
  readonly random?: Random
}

export interface SplitOptions extends Chance {
  /** Share (below 1) or number of rows held out. */
  readonly test: number
  /** Column of labels whose shares both parts keep. */
  readonly stratify?: string
  /** False holds out the last rows, in their order: for data in time order. Default true. */
  readonly shuffle?: boolean
}

export interface FoldOptions extends Chance {
  readonly stratify?: string
  readonly shuffle?: boolean
}

export function chanceOf(chance: Chance, label: string): Random {
  return chance.random ?? random(chance.seed ?? 0).fork(label)
}

/**
 * Cuts 0..length-1 in two. Both parts keep the rows' order. With labels, each class gives its share of the test rows,
 * rounded so that the total is exact (largest remainders).
 *
 * @throws DATA_SPLIT when a part would be empty.
 */
export function splitRows(
  length: number,
  labels: ArrayLike<number> | undefined,
  options: SplitOptions,
  where: string,
): { train: Int32Array; test: Int32Array } {
  const { test, shuffle = true } = options
  const count = test < 1 ? Math.round(length * test) : test
  if (!(Number.isInteger(count) && count > 0 && count < length))
    throw fail('DATA_SPLIT', where, `test: ${test} of ${length} rows leaves one part empty`)
  if (!shuffle) return { train: identity(length).subarray(0, length - count), test: identity(length).subarray(length - count) }
  const chance = chanceOf(options, 'split')
  const held = new Uint8Array(length)
  const groups = labels === undefined ? [identity(length)] : groupByLabel(labels, length)
  const counts = shares(
    groups.map((group) => group.length),
    count,
  )
  groups.forEach((group, g) => {
    for (const row of chance.shuffle(group).subarray(0, counts[g])) held[row] = 1
  })
  const rows = identity(length)
  return { train: rows.filter((row) => held[row] === 0), test: rows.filter((row) => held[row] === 1) }
}

/** `k` disjoint test parts that together are all rows, sizes differing by at most one (with labels: by at most one a class). */
export function foldRows(
  length: number,
  k: number,
  labels: ArrayLike<number> | undefined,
  options: FoldOptions,
  where: string,
): Int32Array[] {
  if (!Number.isInteger(k) || k < 2 || k > length) throw fail('DATA_SPLIT', where, `${k} folds of ${length} rows`)
  const fold = new Int32Array(length)
  if (options.shuffle === false && labels === undefined) {
    for (let row = 0; row < length; row++) fold[row] = Math.floor((row * k) / length)
  } else {
    const chance = chanceOf(options, 'folds')
    const groups = labels === undefined ? [identity(length)] : groupByLabel(labels, length)
    let next = 0 // dealing goes on where the last class ended, so that the folds' totals differ by at most one too
    for (const group of groups) for (const row of options.shuffle === false ? group : chance.shuffle(group)) fold[row] = next++ % k
  }
  const rows = identity(length)
  return Array.from({ length: k }, (_, f) => rows.filter((row) => fold[row] === f))
}

/** Rows of each label present, labels in increasing order. */
export function groupByLabel(labels: ArrayLike<number>, length: number): Int32Array[] {
  const sizes = new Map<number, number>()
  for (let row = 0; row < length; row++) sizes.set(labels[row] as number, (sizes.get(labels[row] as number) ?? 0) + 1)
  const groups = new Map([...sizes].sort(([a], [b]) => a - b).map(([label, size]) => [label, { rows: new Int32Array(size), at: 0 }]))
  for (let row = 0; row < length; row++) {
    const group = groups.get(labels[row] as number)
    if (group !== undefined) group.rows[group.at++] = row
  }
  return [...groups.values()].map((group) => group.rows)
}

/** Whole numbers that add up to `total`, in proportion to `sizes`. */
function shares(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const exact = sizes.map((size) => (size * total) / all)
  const counts = exact.map(Math.floor)
  let left = total - counts.reduce((sum, count) => sum + count, 0)
  const byRemainder = exact.map((value, g) => ({ g, rest: value - Math.floor(value) })).sort((a, b) => b.rest - a.rest || a.g - b.g)
  for (const { g } of byRemainder) {
    if (left === 0) break
    counts[g] = (counts[g] as number) + 1
    left--
  }
  return counts
}
