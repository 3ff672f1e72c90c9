/**
 * Outputs of ensembles: rows in blocks, a tree at a time, so that the tree stays near while many rows walk it; few rows one at a
 * time, many trees at once.
 *
 * Leaf values are added in double precision and in the order of the trees, whatever the blocks, and scaled at the end: so outputs
 * are the same numbers however rows come together, and those of a prefix are those of the smaller ensemble.
 */
import type { Examples } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { leafOf, type Tree } from '../tree.ts'
import { linked } from './link.ts'
import { type Packed, pack } from './pack.ts'
import { walkRows, walkTrees } from './walk.ts'

/** An ensemble ready for predicting: packed when it is first asked. */
export interface Compiled {
  readonly ensemble: Ensemble
  /** For rows in which values may be missing, or not. */
  packed(missing: boolean): Packed
}

export function compile(ensemble: Ensemble): Compiled {
  const { trees, features } = ensemble
  let plain: Packed | undefined
  let missing: Packed | undefined
  const forAll = () => (plain ??= pack(trees, features.length, false))
  // Where no missing value goes left, none needs a column of its own.
  const forMissing = () =>
    (missing ??= trees.some(({ missingLeft }) => missingLeft.includes(1)) ? pack(trees, features.length, true) : forAll())
  return { ensemble, packed: (mayMiss) => (mayMiss ? forMissing() : forAll()) }
}

/** Row-major [rows, width]; the link 'logistic' makes two columns of one. `x` is [rows, features]. */
export function outputs({ ensemble, packed }: Compiled, x: Float32Array, rows: number): Float64Array {
  const { trees, width, scale } = ensemble
  const sums = new Float64Array(rows * width)
  addTrees(ensemble, packed(hasMissing(x)), x, rows, 0, trees.length, sums)
  return linked(ensemble, scale, sums)
}

/**
 * Outputs of the first so many trees, for each of these ascending numbers, from one pass. Law: each is what `outputs` gives of the
 * ensemble of those trees alone, scaled by `scaleOf` its number of trees.
 *
 * @example
 * ```ts
 * for (const shares of prefixOutputs(forest, [50, 100, 200], examples)) scores.push(accuracy(shares))
 * ```
 */
export function* prefixOutputs(
  ensemble: Ensemble,
  prefixes: readonly number[],
  { x, rows }: Examples,
  scaleOf: (trees: number) => number = (trees) => 1 / trees,
): Generator<Float64Array> {
  const trees = ensemble.trees.slice(0, prefixes.at(-1) ?? 0)
  const packed = compile({ ...ensemble, trees }).packed(hasMissing(x))
  const sums = new Float64Array(rows * ensemble.width)
  let done = 0
  for (const prefix of prefixes) {
    addTrees(ensemble, packed, x, rows, done, prefix, sums)
    done = prefix
    yield linked(ensemble, scaleOf(prefix), sums)
  }
}

/** Rows that walk a tree before the next tree does: so many that bringing it near is worth it, few enough to stay near themselves. */
const blockRows = 4096
/** Fewer rows than this go one at a time. */
const fewRows = 24

/** Adds what trees `from` to `to` (not included) say to the sums [rows, width]. */
function addTrees(ensemble: Ensemble, packed: Packed, x: Float32Array, rows: number, from: number, to: number, sums: Float64Array): void {
  const few = rows < fewRows
  const leaves = new Int32Array((few ? to - from : Math.min(rows, blockRows)) + 8)
  for (let first = 0; first < rows; first += blockRows) {
    const block: Block = {
      x,
      first,
      rows: Math.min(blockRows, rows - first),
      ...widened(ensemble, packed, x, first, Math.min(blockRows, rows - first)),
    }
    if (few) addRowwise(ensemble, packed, block, from, to, leaves, sums)
    else addTreewise(ensemble, packed, block, from, to, leaves, sums)
  }
}

interface Block {
  readonly x: Float32Array
  readonly first: number
  readonly rows: number
  /** The rows as packed trees look at them, from `at` on. */
  readonly wide: Float32Array
  readonly at: number
}

/** Rows with the columns that are there once more. */
function widened(
  { features }: Ensemble,
  { columns, again }: Packed,
  x: Float32Array,
  first: number,
  rows: number,
): Pick<Block, 'wide' | 'at'> {
  const narrow = features.length
  if (columns === narrow) return { wide: x, at: first * narrow }
  const wide = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const from = (first + row) * narrow
    const to = row * columns
    for (let k = 0; k < narrow; k++) wide[to + k] = x[from + k] as number
    for (let k = 0; k < again.length; k++) {
      const value = x[from + (again[k] as number)] as number
      wide[to + narrow + k] = Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
    }
  }
  return { wide, at: 0 }
}

function addTreewise(
  ensemble: Ensemble,
  packed: Packed,
  block: Block,
  from: number,
  to: number,
  leaves: Int32Array,
  sums: Float64Array,
): void {
  const { trees, features, width } = ensemble
  const { x, first, rows, wide, at } = block
  for (let t = from; t < to; t++) {
    if ((packed.roots[t] as number) >= 0) {
      walkRows(packed, t, wide, at, rows, leaves)
      addLeaves(packed, t, leaves, rows, sums, first * width, width)
    } else
      for (let row = first; row < first + rows; row++) addSlowly(trees[t] as Tree, t, x, row * features.length, sums, row * width, width)
  }
}

function addRowwise(
  ensemble: Ensemble,
  packed: Packed,
  block: Block,
  from: number,
  to: number,
  leaves: Int32Array,
  sums: Float64Array,
): void {
  const { trees, features, width } = ensemble
  const { x, first, rows, wide, at } = block
  for (let row = 0; row < rows; row++) {
    const sum = (first + row) * width
    let t = from
    while (t < to) {
      if ((packed.roots[t] as number) < 0) {
        addSlowly(trees[t] as Tree, t, x, (first + row) * features.length, sums, sum, width)
        t++
        continue
      }
      let end = t + 1
      while (end < to && (packed.roots[end] as number) >= 0) end++
      walkTrees(packed, t, end, wide, at + row * packed.columns, leaves)
      addTreesOfRow(packed, t, leaves, end - t, sums, sum, width)
      t = end
    }
  }
}

/** Adds what the leaves of tree `t` hold, one a row, to the rows' sums from `at` on. */
function addLeaves(packed: Packed, t: number, leaves: Int32Array, rows: number, sums: Float64Array, at: number, width: number): void {
  const { values } = packed
  const from = packed.valuesFrom[t] as number
  if (packed.width === 1) {
    let to = at + (t % width)
    for (let row = 0; row < rows; row++, to += width) sums[to] = (sums[to] as number) + (values[from + (leaves[row] as number)] as number)
    return
  }
  for (let row = 0, to = at; row < rows; row++, to += width) addShares(values, from, leaves[row] as number, sums, to, width)
}

/** Adds what one leaf in each of the trees from `t` on holds to one row's sums. */
function addTreesOfRow(packed: Packed, t: number, leaves: Int32Array, trees: number, sums: Float64Array, at: number, width: number): void {
  const { values, valuesFrom } = packed
  for (let k = 0; k < trees; k++) {
    const from = valuesFrom[t + k] as number
    const held = leaves[k] as number
    if (packed.width > 1) addShares(values, from, held, sums, at, width)
    else {
      const to = at + ((t + k) % width)
      sums[to] = (sums[to] as number) + (values[from + held] as number)
    }
  }
}

function addShares(values: Float32Array | Float64Array, from: number, held: number, sums: Float64Array, to: number, width: number): void {
  if (held < width) {
    sums[to + held] = (sums[to + held] as number) + 1
    return
  }
  const value = (from + held - width) * width
  for (let k = 0; k < width; k++) sums[to + k] = (sums[to + k] as number) + (values[value + k] as number)
}

function addSlowly(tree: Tree, t: number, x: Float32Array, row: number, sums: Float64Array, at: number, width: number): void {
  const leaf = leafOf(tree, x, row)
  if (tree.width === 1) sums[at + (t % width)] = (sums[at + (t % width)] as number) + (tree.value[leaf] as number)
  else for (let k = 0; k < width; k++) sums[at + k] = (sums[at + k] as number) + (tree.value[leaf * width + k] as number)
}

function hasMissing(x: Float32Array): boolean {
  for (let k = 0; k < x.length; k++) if (Number.isNaN(x[k])) return true
  return false
}
