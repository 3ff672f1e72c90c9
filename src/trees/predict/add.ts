/**
 * Sums of leaf values: rows in blocks, a tree at a time, so that the tree stays near while many rows walk it; few rows of a model that is
 * asked often one at a time, many trees at once. Whichever way, values are added to a row's sums in the order of the trees.
 */
import type { Ensemble } from '../ensemble.ts'
import { leafOf, type Tree } from '../tree.ts'
import type { Packed } from './pack.ts'
import { type RowWalk, rowWalkOf } from './row.ts'
import { walkRows } from './walk.ts'

export interface Adding {
  readonly ensemble: Ensemble
  readonly packed: Packed
  /** [rows, features] */
  readonly x: Float32Array
  readonly rows: number
  /** [rows, width] */
  readonly sums: Float64Array
}

/** Rows that walk a tree before the next tree does: so many bytes, with their sums, and rows at most. */
const blockBytes = 2 ** 23
const blockRows = 16_384
/** Fewer rows than this may go one at a time. */
const fewRows = 64

/** Adds what trees `from` to `to` (not included) say to the sums. */
export function addTrees(adding: Adding, from: number, to: number): void {
  const { rows, packed, ensemble } = adding
  const most = Math.max(1, Math.min(blockRows, Math.floor(blockBytes / (packed.columns * 4 + ensemble.width * 8))))
  for (let first = 0; first < rows; first += most) {
    const block = blockOf(adding, first, Math.min(most, rows - first))
    const walk = block.rows < fewRows ? rowWalkOf(packed) : undefined
    if (walk) addRowwise(adding, walk, block, from, to)
    else addTreewise(adding, block, from, to)
  }
}

interface Block {
  readonly first: number
  readonly rows: number
  /** The rows as packed trees look at them, from `at` on. */
  readonly wide: Float32Array
  readonly at: number
}

/** Rows, with the columns that are there once more. */
function blockOf({ ensemble, packed, x }: Adding, first: number, rows: number): Block {
  const { columns, again } = packed
  const narrow = ensemble.features.length
  if (columns === narrow) return { first, rows, wide: x, at: first * narrow }
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
  return { first, rows, wide, at: 0 }
}

function addTreewise(adding: Adding, { first, rows, wide, at }: Block, from: number, to: number): void {
  const { ensemble, packed, sums } = adding
  const own = sums.subarray(first * ensemble.width, (first + rows) * ensemble.width)
  const walk = walkRows(packed, wide, at, rows, own)
  for (let t = from; t < to; t++) {
    if ((packed.roots[t] as number) >= 0) walk.add(t)
    else for (let row = 0; row < rows; row++) addSlowly(adding, t, first + row, walk.sums, row)
  }
  own.set(walk.sums)
}

function addRowwise(adding: Adding, walk: RowWalk, { first, rows, wide, at }: Block, from: number, to: number): void {
  const { ensemble, packed, sums } = adding
  const { width } = ensemble
  const { columns } = packed
  for (let row = 0; row < rows; row++) {
    let t = from
    while (t < to) {
      let end = t
      while (end < to && isPlain(packed, end)) end++
      if (end === t) addSlowly(adding, t++, first + row, sums, first + row)
      else {
        const leaves = walk(t, end, wide, at + row * columns)
        addTreesOfRow(packed, t, leaves, end - t, sums, (first + row) * width, width)
        t = end
      }
    }
  }
}

/** Whether a tree is packed and has no sets of categories. */
function isPlain({ roots, setsFrom }: Packed, t: number): boolean {
  return (roots[t] as number) >= 0 && setsFrom[t] === setsFrom[t + 1]
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

/** Adds what a tree says of a row to the sums of row `to`. */
function addSlowly({ ensemble, x }: Adding, t: number, row: number, sums: Float64Array, to: number): void {
  const { trees, features, width } = ensemble
  const tree = trees[t] as Tree
  const leaf = leafOf(tree, x, row * features.length)
  const at = to * width
  if (tree.width === 1) sums[at + (t % width)] = (sums[at + (t % width)] as number) + (tree.value[leaf] as number)
  else for (let k = 0; k < width; k++) sums[at + k] = (sums[at + k] as number) + (tree.value[leaf * width + k] as number)
}
