/** What growing with tighter limits would have given, out of a tree grown without them. */
import type { Tree } from '../tree.ts'
import { cut } from './cut.ts'

/** Limits, as the parameters of the same names; null or absent is none. */
export interface Limits {
  readonly maxDepth?: number | null
  /** A number of rows: a share of all rows is made one by the caller. */
  readonly minSamplesSplit?: number | null
  readonly minImpurityDecrease?: number | null
  readonly maxLeafNodes?: number | null
  /** Weight of all rows that the whole model is grown from, which decreases are shares of. */
  readonly totalWeight: number
}

/**
 * The tree that growing with these limits gives, if how a node is split does not depend on the order of growing. Gives the
 * same object where nothing is cut.
 *
 * A node stays a leaf at depth `maxDepth`, with fewer than `minSamplesSplit` rows, or where its weighted decrease of impurity is
 * less than `minImpurityDecrease` (0 asks for nothing). With `maxLeafNodes`, the leaf whose split decreases impurity most is
 * split next (of equals, that of the smaller number in `tree`) until there are so many leaves.
 *
 * As scikit-learn's DepthFirstTreeBuilder and BestFirstTreeBuilder decide, with their tolerance of one machine epsilon.
 *
 * @example
 * ```ts
 * const shallow = truncate(tree, { maxDepth: 4, totalWeight: 1000 })
 * ```
 */
export function truncate(tree: Tree, limits: Limits): Tree {
  const { feature, right, samples } = tree
  const { totalWeight } = limits
  const maxDepth = limits.maxDepth ?? Number.POSITIVE_INFINITY
  const minSamples = limits.minSamplesSplit ?? 0
  const minDecrease = limits.minImpurityDecrease ?? 0
  const maxLeaves = limits.maxLeafNodes ?? Number.POSITIVE_INFINITY
  const ends = (node: number, depth: number): boolean =>
    depth >= maxDepth ||
    (samples[node] as number) < minSamples ||
    (minDecrease > 0 && decreaseOf(tree, node, totalWeight) + Number.EPSILON < minDecrease)
  // A tree of n nodes has (n + 1) / 2 leaves.
  if (maxLeaves >= (tree.nodes + 1) / 2) return cut(tree, ends)

  const frontier = new Frontier()
  const split = new Set<number>()
  const consider = (node: number, depth: number): void => {
    if ((feature[node] as number) >= 0 && !ends(node, depth)) frontier.add(node, depth, decreaseOf(tree, node, totalWeight))
  }
  consider(0, 0)
  while (split.size + 1 < maxLeaves) {
    const best = frontier.take()
    if (best === undefined) break
    split.add(best.node)
    consider(best.node + 1, best.depth + 1)
    consider(right[best.node] as number, best.depth + 1)
  }
  return cut(tree, (node) => !split.has(node))
}

/** By how much the split of a node decreases the impurity of the whole: scikit-learn's formula, operation by operation. */
export function decreaseOf({ right, impurity, weight }: Tree, node: number, totalWeight: number): number {
  const l = node + 1
  const r = right[node] as number
  const here = weight[node] as number
  return (
    (here / totalWeight) *
    ((impurity[node] as number) -
      ((weight[r] as number) / here) * (impurity[r] as number) -
      ((weight[l] as number) / here) * (impurity[l] as number))
  )
}

interface Candidate {
  readonly node: number
  readonly depth: number
  readonly decrease: number
}

/** Leaves that could be split, the best of them first: a binary heap. */
class Frontier {
  readonly #heap: Candidate[] = []

  add(node: number, depth: number, decrease: number): void {
    const heap = this.#heap
    const added = { node, depth, decrease }
    let at = heap.push(added) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBetter(added, heap[parent] as Candidate)) break
      heap[at] = heap[parent] as Candidate
      at = parent
    }
    heap[at] = added
  }

  take(): Candidate | undefined {
    const heap = this.#heap
    const [best] = heap
    const last = heap.pop()
    if (best === undefined || last === undefined || heap.length === 0) return best
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBetter(heap[child + 1] as Candidate, heap[child] as Candidate)) child++
      if (!isBetter(heap[child] as Candidate, last)) break
      heap[at] = heap[child] as Candidate
      at = child
    }
    heap[at] = last
    return best
  }
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return a.decrease > b.decrease || (a.decrease === b.decrease && a.node < b.node)
}
