/** A grown tree as flat arrays, its nodes numbered depth first. */
import type { Tree } from '../tree.ts'
import type { Cut } from './led.ts'
import type { Bench, Column } from './workbench.ts'

/** What stays of a node when its tree is done. */
export interface Knot {
  readonly id: number
  readonly begin: number
  readonly count: number
  readonly watchedBegin: number
  readonly watchedCount: number
  readonly sumG: number
  readonly sumH: number
  /** -sumG / (sumH + l2), within bounds. */
  readonly value: number
  cut: Cut | undefined
  left: Knot | undefined
  right: Knot | undefined
}

/** Rows of a leaf: places in the order of rows. */
export interface Rows {
  readonly node: number
  readonly begin: number
  readonly count: number
  readonly watchedBegin: number
  readonly watchedCount: number
}

export interface Grown {
  readonly tree: Tree & { readonly value: Float64Array }
  readonly leaves: readonly Rows[]
}

export function flatten({ columns, features }: Bench, knots: readonly Knot[], learningRate: number): Grown {
  const nodes = knots.length
  const sets: number[] = []
  const tree = {
    nodes,
    width: 1,
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    right: new Int32Array(nodes).fill(-1),
    missingLeft: new Uint8Array(nodes),
    setAt: undefined as Int32Array | undefined,
    sets: undefined as Uint32Array | undefined,
    value: new Float64Array(nodes),
    impurity: new Float64Array(nodes),
    samples: new Int32Array(nodes),
    weight: new Float64Array(nodes),
  }
  const leaves: Rows[] = []
  const worths = new Float64Array(nodes)
  let node = 0
  const visit = (knot: Knot): void => {
    const at = node++
    tree.value[at] = knot.value * learningRate
    tree.samples[at] = knot.count
    tree.weight[at] = knot.sumH
    worths[at] = -knot.sumG * knot.value
    const { left, right, cut } = knot
    if (!left || !right || !cut) {
      const { begin, count, watchedBegin, watchedCount } = knot
      leaves.push({ node: at, begin, count, watchedBegin, watchedCount })
      return
    }
    const { bins } = columns[cut.record] as Column
    tree.feature[at] = cut.feature
    tree.missingLeft[at] = cut.missingLeft ? 1 : 0
    if (cut.lefts) {
      tree.setAt ??= new Int32Array(nodes).fill(-1)
      tree.setAt[at] = sets.length
      sets.push(...setOf(cut, bins.categories as Int32Array, features[cut.feature]?.categories as number))
    } else tree.threshold[at] = cut.bin < bins.borders.length ? (bins.borders[cut.bin] as number) : Number.POSITIVE_INFINITY
    visit(left)
    tree.right[at] = node
    visit(right)
  }
  visit(knots[0] as Knot)
  badness(tree, worths)
  if (tree.setAt) tree.sets = Uint32Array.from(sets)
  return { tree, leaves }
}

/**
 * What stays to be gained, a unit of hessian: lower by the node's own gain than that of no node at all, and raised so that the best node
 * has 0. So weight * impurity less that of both children is the gain of a split.
 */
function badness({ impurity, weight }: { impurity: Float64Array; weight: Float64Array }, worths: Float64Array): void {
  const shares = worths.map((worth, node) => ((weight[node] as number) > 0 ? worth / (weight[node] as number) : 0))
  const best = shares.reduce((a, b) => Math.max(a, b), 0)
  for (let node = 0; node < impurity.length; node++) impurity[node] = best - (shares[node] as number)
}

/** A category that no row had goes where missing values go. */
function setOf({ lefts, missingLeft }: Cut, seen: Int32Array, categories: number): number[] {
  const words = Math.ceil(categories / 32)
  const set = new Uint32Array(words)
  if (missingLeft) for (let c = 0; c < categories; c++) (set[c >> 5] as number) |= 1 << (c & 31)
  for (const [bin, c] of seen.entries()) {
    const bit = 1 << (c & 31)
    set[c >> 5] = lefts?.[bin] ? (set[c >> 5] as number) | bit : (set[c >> 5] as number) & ~bit
  }
  return [words, ...set]
}
