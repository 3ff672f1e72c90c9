/** A regression tree on columns of numbers and categories: CART, splits that take most of the squared error away. */
import type { Column } from './design.ts'

/** Nodes as arrays; node 0 is the root, and children come after their parents. */
export interface Tree {
  /** The column a node splits by; -1 of a leaf. */
  readonly split: readonly number[]
  /** Values below it go left; of categories, NaN. */
  readonly cut: readonly number[]
  /** For each category 1 where it goes left; of numbers, undefined. */
  readonly goesLeft: readonly (Uint8Array | undefined)[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** Mean of what the node has seen. */
  readonly mean: readonly number[]
}

export interface Growth {
  readonly columns: readonly Pick<Column, 'categories' | 'values'>[]
  readonly y: Float64Array
  /** Those it learns from. */
  readonly rows: readonly number[]
  /** A leaf has seen at least so many. */
  readonly leaf: number
}

/** A split that takes less of a node's squared error away than this part is rounding. */
const rounding = 1e-12

/** No NaN may be left in the columns. */
export function growTree({ columns, y, rows: learned, leaf }: Growth): Tree {
  const tree = { split: [], cut: [], goesLeft: [], left: [], right: [], mean: [] } as {
    [K in keyof Tree]: Tree[K][number][]
  }
  const all = Int32Array.from(learned)
  // Rows by value, one list a column: each split cuts them in two, in order, so that nothing is sorted again.
  const orders = columns.map(({ values }) => all.slice().sort((a, b) => (values[a] as number) - (values[b] as number)))
  const side = new Uint8Array(y.length)
  const spare = new Int32Array(all.length)

  const grow = (begin: number, end: number): number => {
    const node = tree.split.length
    const rows = orders[0]?.subarray(begin, end) ?? all
    const sums = totals(rows, y)
    for (const key of ['left', 'right', 'split'] as const) tree[key].push(-1)
    tree.cut.push(Number.NaN)
    tree.goesLeft.push(undefined)
    tree.mean.push(sums.mean)
    const best = rows.length >= 2 * leaf && sums.error > 0 ? bestSplit(begin, end, sums) : undefined
    if (best === undefined) return node
    const { column, cut, goesLeft } = best
    const values = (columns[column] as Column).values
    let count = 0
    for (const row of rows) {
      const value = values[row] as number
      side[row] = goesLeft === undefined ? (value < cut ? 1 : 0) : (goesLeft[value] as number)
      count += side[row] as number
    }
    for (const order of orders) partition(order, begin, end)
    tree.split[node] = column
    tree.cut[node] = cut
    tree.goesLeft[node] = goesLeft
    tree.left[node] = grow(begin, begin + count)
    tree.right[node] = grow(begin + count, end)
    return node
  }

  const bestSplit = (begin: number, end: number, { mean, error }: Totals): Split | undefined => {
    let best: Split | undefined
    let most = error * rounding
    columns.forEach(({ categories, values }, column) => {
      const rows = (orders[column] as Int32Array).subarray(begin, end)
      const found = categories > 0 ? splitCategories(rows, values, categories, y, mean, leaf) : splitNumbers(rows, values, y, mean, leaf)
      if (found === undefined || found.gain <= most) return
      most = found.gain
      best = { column, ...found }
    })
    return best
  }

  /** Stable: those that go left first. */
  const partition = (order: Int32Array, begin: number, end: number): void => {
    let [at, kept] = [begin, 0]
    for (let i = begin; i < end; i++) {
      const row = order[i] as number
      if (side[row] === 1) order[at++] = row
      else spare[kept++] = row
    }
    for (let i = 0; i < kept; i++) order[at + i] = spare[i] as number
  }

  grow(0, all.length)
  return tree
}

/** What the tree says of a row. `at` gives its value in a column. */
export function predict(tree: Tree, at: (column: number) => number): number {
  let node = 0
  for (let column = tree.split[0] as number; column >= 0; column = tree.split[node] as number) {
    const value = at(column)
    const mask = tree.goesLeft[node]
    const left = mask === undefined ? value < (tree.cut[node] as number) : mask[value] === 1
    node = (left ? tree.left[node] : tree.right[node]) as number
  }
  return tree.mean[node] as number
}

interface Totals {
  readonly mean: number
  /** Squared error round the mean. */
  readonly error: number
}

interface Split extends Found {
  readonly column: number
}

interface Found {
  readonly cut: number
  readonly goesLeft?: Uint8Array
  /** How much of the squared error it takes away. */
  readonly gain: number
}

function totals(rows: Int32Array, y: Float64Array): Totals {
  let sum = 0
  for (const row of rows) sum += y[row] as number
  const mean = sum / rows.length
  let error = 0
  for (const row of rows) error += ((y[row] as number) - mean) ** 2
  return { mean, error }
}

/** Between two neighbours in order, halfway. */
function splitNumbers(rows: Int32Array, values: Float64Array, y: Float64Array, mean: number, leaf: number): Found | undefined {
  let [sum, gain, cut] = [0, 0, Number.NaN]
  for (let i = 0; i < rows.length - leaf; i++) {
    const row = rows[i] as number
    sum += (y[row] as number) - mean
    const count = i + 1
    if (count < leaf) continue
    // Both sides' sums are as large, for round the mean they cancel.
    const found = sum ** 2 / count + sum ** 2 / (rows.length - count)
    if (found <= gain) continue
    const [value, next] = [values[row] as number, values[rows[i + 1] as number] as number]
    if (value === next) continue
    gain = found
    const middle = value + (next - value) / 2
    // Between two numbers without another between them, halfway is rounded to one of them: it is the upper one's.
    cut = middle > value ? middle : next
  }
  return gain > 0 ? { cut, gain } : undefined
}

/** Categories by their means, then cut as numbers are: the best of all ways to part them (Fisher 1958). Unseen ones go with the many. */
function splitCategories(
  rows: Int32Array,
  values: Float64Array,
  categories: number,
  y: Float64Array,
  mean: number,
  leaf: number,
): Found | undefined {
  const [counts, sums] = [new Int32Array(categories), new Float64Array(categories)]
  for (const row of rows) {
    const category = values[row] as number
    counts[category]!++
    sums[category]! += (y[row] as number) - mean
  }
  const meanOf = (category: number) => (sums[category] as number) / (counts[category] as number)
  const seen = [...counts.keys()].filter((category) => (counts[category] as number) > 0).sort((a, b) => meanOf(a) - meanOf(b))
  let [count, sum, gain, most, left] = [0, 0, 0, 0, 0]
  seen.slice(0, -1).forEach((category, i) => {
    count += counts[category] as number
    sum += sums[category] as number
    const found = sum ** 2 / count + sum ** 2 / (rows.length - count)
    if (count < leaf || rows.length - count < leaf || found <= gain) return
    gain = found
    left = i + 1
    most = count
  })
  if (gain === 0) return undefined
  const goesLeft = new Uint8Array(categories)
  if (2 * most > rows.length) for (let category = 0; category < categories; category++) goesLeft[category] = counts[category] === 0 ? 1 : 0
  for (const category of seen.slice(0, left)) goesLeft[category] = 1
  return { cut: Number.NaN, goesLeft, gain }
}
