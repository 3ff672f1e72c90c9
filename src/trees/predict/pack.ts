/**
 * Trees packed for walking: 8 bytes a node, one tree after another. Two siblings lie side by side, so that a step is an addition
 * and no choice; after them come the nodes below the one that more rows went to, so that most steps stay within a cache line.
 *
 * Word 0 of a node is its threshold. Word 1 holds the column it looks at in its low bits, and above them how far it is to the
 * right child; the left one is one node before that. Where any tree has sets of categories, a bit between these tells that a node has one,
 * and its threshold is the place of it. A leaf leads to itself: its distance is 0, and its threshold is not a number,
 * so no value is at most it. The bits that are free in its threshold name what it holds: a label where it is sure of one, else a place
 * in `values`.
 */
import type { Tree } from '../tree.ts'
import { noSetWords, putSet, setWordsOf } from './sets.ts'

export interface Packed {
  /** Columns of a row: the features, and once more those of which missing values go left somewhere. */
  readonly columns: number
  /** The features that are there once more: with -Infinity, which goes left everywhere, for a missing value. */
  readonly again: readonly number[]
  readonly words: Int32Array
  /** The same memory. */
  readonly thresholds: Float32Array
  /** Of word 1: the bits that are the column; and how many are below the distance. */
  readonly mask: number
  readonly shift: number
  /** First node of each tree; -1 of a tree that is too large to be packed. */
  readonly roots: Int32Array
  /** One past the last node of each tree. */
  readonly ends: Int32Array
  /** Numbers a leaf holds: those of the trees, which are all as wide. */
  readonly width: number
  /** Which leaf of `values` is the first of each tree; and how many leaves there are. */
  readonly valuesFrom: Int32Array
  /** [leaves, width], of leaves that are not sure of one label. */
  readonly values: Float32Array | Float64Array
  /** Sets of categories, as sets.ts puts them. */
  readonly sets: Uint32Array
  /** Where in `sets` those of each tree begin, which its nodes count from; and its length. */
  readonly setsFrom: Int32Array
  /** What the tree that has most of each has: nodes, leaves in `values`, words in `sets`. */
  readonly most: { readonly nodes: number; readonly values: number; readonly sets: number }
}

/** Not a number, whichever its lowest 22 bits are. */
const noNumber = 0x7fc00000
const leafBits = 0x3fffff
/** Nodes times width of a tree whose leaves still have room beside the rows that walk it. */
const mostShares = 2 ** 26

/** Packs trees of equal width; `missing` for rows in which values may be missing. */
export function pack(trees: readonly Tree[], features: number, missing: boolean): Packed {
  const again = missing ? featuresMissingLeft(trees, features) : []
  const columns = features + again.length
  const columnBits = Math.max(1, 32 - Math.clz32(columns - 1))
  const columnOf = new Int32Array(features)
  again.forEach((feature, k) => {
    columnOf[feature] = features + k
  })
  const width = trees[0]?.width ?? 1
  // The distance to a child and its sign are beside the column, places of leaves come after the labels.
  const shift = columnBits + (trees.some(({ setAt }) => setAt !== undefined) ? 1 : 0)
  const limit = Math.min(2 ** (31 - shift), leafBits)
  const fits = trees.map(({ nodes }) => nodes + width < limit && nodes * width < mostShares)
  const fitting = trees.filter((_, t) => fits[t])
  const words = new Int32Array(fitting.reduce((sum, { nodes }) => sum + 2 * (nodes + 1), 0))
  const thresholds = new Float32Array(words.buffer)
  const Values = trees.some(({ value }) => value instanceof Float64Array) ? Float64Array : Float32Array
  const values = new Values(fitting.reduce((sum, { nodes }) => sum + ((nodes + 1) / 2) * width, 0))
  const roots = new Int32Array(trees.length).fill(-1)
  const ends = new Int32Array(trees.length)
  const valuesFrom = new Int32Array(trees.length + 1)
  const sets = new Uint32Array(fitting.reduce((sum, tree) => sum + setWordsOf(tree), 0))
  const setsFrom = new Int32Array(trees.length + 1)

  let free = 0
  let leaves = 0
  let setEnd = 0
  const most = { nodes: 0, values: 0, sets: 0 }
  // Nodes whose place is known, and that place: as deep as the tree, and twice that long.
  const waiting: number[] = []
  for (let t = 0; t < trees.length; t++) {
    valuesFrom[t + 1] = leaves
    setsFrom[t + 1] = setEnd
    if (!fits[t]) continue
    const tree = trees[t] as Tree
    const { feature, threshold, right, missingLeft, samples, value, setAt } = tree
    roots[t] = free
    waiting.push(0, free)
    // The root has no sibling.
    free += 2
    while (waiting.length > 0) {
      const place = waiting.pop() as number
      const node = waiting.pop() as number
      const f = feature[node] as number
      if (f < 0) {
        let held = labelOf(value, node * width, width)
        if (held < 0) {
          held = (width > 1 ? width : 0) + leaves - (valuesFrom[t] as number)
          for (let c = 0; c < width; c++) values[leaves * width + c] = value[node * width + c] as number
          leaves++
        }
        words[2 * place] = noNumber | held
        continue
      }
      const l = node + 1
      const r = right[node] as number
      const distance = (free + 1 - place) << shift
      if (setAt && (setAt[node] as number) >= 0) {
        words[2 * place] = noSetWords + setEnd - (setsFrom[t] as number)
        setEnd = putSet(tree, node, sets, setEnd)
        words[2 * place + 1] = distance | (1 << columnBits) | f
      } else {
        thresholds[2 * place] = threshold[node] as number
        words[2 * place + 1] = distance | (missing && missingLeft[node] === 1 ? (columnOf[f] as number) : f)
      }
      if ((samples[l] as number) < (samples[r] as number)) waiting.push(l, free, r, free + 1)
      else waiting.push(r, free + 1, l, free)
      free += 2
    }
    ends[t] = free
    valuesFrom[t + 1] = leaves
    setsFrom[t + 1] = setEnd
    most.nodes = Math.max(most.nodes, free - (roots[t] as number))
    most.values = Math.max(most.values, leaves - (valuesFrom[t] as number))
    most.sets = Math.max(most.sets, setEnd - (setsFrom[t] as number))
  }
  return {
    columns,
    again,
    words,
    thresholds,
    mask: (1 << columnBits) - 1,
    shift,
    roots,
    ends,
    width,
    valuesFrom,
    values: values.slice(0, leaves * width),
    sets,
    setsFrom,
    most,
  }
}

/** The label that a leaf is sure of; -1 where it is not, or where leaves hold quantities. */
function labelOf(value: ArrayLike<number>, at: number, width: number): number {
  if (width === 1) return -1
  let label = -1
  for (let c = 0; c < width; c++) {
    const share = value[at + c] as number
    if (share === 0) continue
    if (share !== 1 || label >= 0) return -1
    label = c
  }
  return label
}

function featuresMissingLeft(trees: readonly Tree[], features: number): number[] {
  const found = new Set<number>()
  for (const { nodes, feature, missingLeft, setAt } of trees)
    for (let node = 0; node < nodes && found.size < features; node++)
      if (missingLeft[node] === 1 && (feature[node] as number) >= 0 && !(setAt && (setAt[node] as number) >= 0))
        found.add(feature[node] as number)
  return [...found].sort((a, b) => a - b)
}
