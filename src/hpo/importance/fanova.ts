/**
 * Functional analysis of variance of a tree: how much of the variance of its prediction over the whole space is due to one
 * dimension alone, or to two together beyond what each does alone. Exact: a tree is constant on boxes, so its marginals are sums
 * over leaves. Hutter, Hoos and Leyton-Brown (2014), "An Efficient Approach for Assessing Hyperparameter Importance".
 */
import type { Tree } from './tree.ts'

export interface Effects {
  /** Variance over the space, of all dimensions together. */
  readonly total: number
  /** Variance due to each column alone. */
  readonly single: readonly number[]
  /** Variance due to columns i < j together, beyond what they do alone; empty unless asked for. */
  readonly pairs: readonly { readonly i: number; readonly j: number; readonly variance: number }[]
}

/** `categories` says of each column how many it has, or 0 for numbers from 0 to 1. Sum of single and pairs is at most the total. */
export function effects(tree: Tree, categories: readonly number[], { pairs = false } = {}): Effects {
  const grids = categories.map((count, column) => gridOf(tree, column, count))
  const leaves = leavesOf(tree, grids)
  let mean = 0
  for (const { value, volume } of leaves) mean += value * volume
  let total = 0
  for (const leaf of leaves) {
    leaf.value -= mean
    total += leaf.volume * leaf.value ** 2
  }
  const single = grids.map((grid, column) => varianceOfOne(leaves, grid, column))
  const found: { i: number; j: number; variance: number }[] = []
  for (let i = 0; pairs && i < grids.length; i++) {
    for (let j = i + 1; j < grids.length; j++) {
      const alone = (single[i] as number) + (single[j] as number)
      const together = varianceOfTwo(leaves, [grids[i] as Grid, grids[j] as Grid], i, j)
      found.push({ i, j, variance: Math.max(0, together - alone) })
    }
  }
  return { total, single, pairs: found }
}

/** The cells a tree cuts a column into: on each the tree's marginal is constant. */
interface Grid {
  readonly categories: number
  readonly widths: readonly number[]
  /** Cell that begins at a cut. */
  readonly cellAt: ReadonlyMap<number, number>
}

/** Cells from, up to but without to. */
type Run = readonly [from: number, to: number]

interface Leaf {
  value: number
  readonly volume: number
  /** For each column its cells, and how wide they are together. */
  readonly spans: readonly { readonly runs: readonly Run[]; readonly width: number }[]
}

function gridOf(tree: Tree, column: number, categories: number): Grid {
  if (categories > 0) return { categories, widths: new Array<number>(categories).fill(1 / categories), cellAt: new Map() }
  const inside = tree.cut.filter((_, node) => tree.split[node] === column)
  const cuts = [...new Set([0, ...inside, 1])].sort((a, b) => a - b)
  return {
    categories,
    widths: cuts.slice(1).map((cut, i) => cut - (cuts[i] as number)),
    cellAt: new Map(cuts.map((cut, i) => [cut, i])),
  }
}

/** What of a column is left at a node: from low to high, or the categories of a mask. */
type Side = { readonly low: number; readonly high: number } | Uint8Array

function leavesOf(tree: Tree, grids: readonly Grid[]): Leaf[] {
  const leaves: Leaf[] = []
  const visit = (node: number, sides: readonly Side[]): void => {
    const column = tree.split[node] as number
    if (column < 0) {
      const spans = sides.map((side, i) => spanOf(side, grids[i] as Grid))
      const volume = spans.reduce((product, { width }) => product * width, 1)
      leaves.push({ value: tree.mean[node] as number, volume, spans })
      return
    }
    const [side, mask, cut] = [sides[column] as Side, tree.goesLeft[node], tree.cut[node] as number]
    const [left, right] =
      side instanceof Uint8Array
        ? [side.map((has, i) => has & (mask?.[i] as number)), side.map((has, i) => has & (1 - (mask?.[i] as number)))]
        : [
            { low: side.low, high: cut },
            { low: cut, high: side.high },
          ]
    visit(tree.left[node] as number, sides.with(column, left))
    visit(tree.right[node] as number, sides.with(column, right))
  }
  visit(
    0,
    grids.map(({ categories }) => (categories > 0 ? new Uint8Array(categories).fill(1) : { low: 0, high: 1 })),
  )
  return leaves
}

function spanOf(side: Side, { categories, cellAt }: Grid): { runs: Run[]; width: number } {
  if (!(side instanceof Uint8Array))
    return { runs: [[cellAt.get(side.low) as number, cellAt.get(side.high) as number]], width: side.high - side.low }
  const runs: Run[] = []
  let count = 0
  for (let cell = 0; cell < categories; cell++) {
    if (side[cell] === 0) continue
    count++
    const last = runs.at(-1)
    if (last !== undefined && last[1] === cell) runs[runs.length - 1] = [last[0], cell + 1]
    else runs.push([cell, cell + 1])
  }
  return { runs, width: count / categories }
}

/** Of the marginal over one column. Each leaf adds a step up where it begins and one down where it ends. */
function varianceOfOne(leaves: readonly Leaf[], { widths }: Grid, column: number): number {
  const steps = new Float64Array(widths.length + 1)
  for (const { value, volume, spans } of leaves) {
    const { runs, width } = spans[column] as Leaf['spans'][number]
    const height = (value * volume) / width
    for (const [from, to] of runs) {
      steps[from]! += height
      steps[to]! -= height
    }
  }
  let [variance, height] = [0, 0]
  widths.forEach((width, cell) => {
    height += steps[cell] as number
    variance += width * height ** 2
  })
  return variance
}

/** Of the marginal over two: the same with steps at corners, summed along rows and columns. */
function varianceOfTwo(leaves: readonly Leaf[], [rows, columns]: readonly [Grid, Grid], i: number, j: number): number {
  const [height, width] = [rows.widths.length, columns.widths.length]
  const steps = new Float64Array((height + 1) * (width + 1))
  const add = (row: number, column: number, step: number) => {
    steps[row * (width + 1) + column]! += step
  }
  for (const { value, volume, spans } of leaves) {
    const [a, b] = [spans[i] as Leaf['spans'][number], spans[j] as Leaf['spans'][number]]
    const step = (value * volume) / (a.width * b.width)
    for (const [top, bottom] of a.runs) {
      for (const [left, right] of b.runs) {
        add(top, left, step)
        add(top, right, -step)
        add(bottom, left, -step)
        add(bottom, right, step)
      }
    }
  }
  let variance = 0
  const above = new Float64Array(width)
  for (let row = 0; row < height; row++) {
    let along = 0
    for (let column = 0; column < width; column++) {
      along += steps[row * (width + 1) + column] as number
      above[column]! += along
      variance += (rows.widths[row] as number) * (columns.widths[column] as number) * (above[column] as number) ** 2
    }
  }
  return variance
}
