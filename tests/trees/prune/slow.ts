/** Pruning and truncation as their definitions say, one obvious step at a time. */

import { decreaseOf, type Limits } from '../../../src/trees/prune/index.ts'
import type { Tree } from '../../../src/trees/tree.ts'

/** The tree whose inner nodes are these of a larger one. */
export function rebuilt(tree: Tree, splits: ReadonlySet<number>): Tree {
  const kept: number[] = []
  const right: number[] = []
  const visit = (node: number): void => {
    const at = kept.push(node) - 1
    right.push(-1)
    if (!splits.has(node)) return
    visit(node + 1)
    right[at] = kept.length
    visit(tree.right[node] as number)
  }
  visit(0)
  const { width } = tree
  const at = <T>(array: ArrayLike<T>, leaf: T): T[] => kept.map((node) => (splits.has(node) ? (array[node] as T) : leaf))
  const like = (array: Float32Array | Float64Array, values: number[]) =>
    array instanceof Float32Array ? Float32Array.from(values) : Float64Array.from(values)
  const all = (array: ArrayLike<number>): number[] => kept.map((node) => array[node] as number)
  const sets: number[] = []
  const setAt = kept.map((node) => {
    const begin = tree.setAt?.[node] ?? -1
    if (!splits.has(node) || begin < 0 || !tree.sets) return -1
    const words = tree.sets[begin] as number
    return sets.push(words, ...tree.sets.slice(begin + 1, begin + 1 + words)) - words - 1
  })
  return {
    nodes: kept.length,
    width,
    feature: Int32Array.from(at(tree.feature, -1)),
    threshold: Float32Array.from(at(tree.threshold, 0)),
    right: Int32Array.from(right),
    missingLeft: Uint8Array.from(at(tree.missingLeft, 0)),
    setAt: sets.length > 0 ? Int32Array.from(setAt) : undefined,
    sets: sets.length > 0 ? Uint32Array.from(sets) : undefined,
    value: like(
      tree.value,
      kept.flatMap((node) => [...tree.value.subarray(node * width, node * width + width)]),
    ),
    impurity: like(tree.impurity, all(tree.impurity)),
    samples: Int32Array.from(all(tree.samples)),
    weight: like(tree.weight, all(tree.weight)),
  }
}

export const innerNodes = (tree: Tree): number[] => [...tree.feature.keys()].filter((node) => (tree.feature[node] as number) >= 0)

/** Every step looks at all nodes, as scikit-learn does. */
export function slowPath(tree: Tree): { alphas: number[]; impurities: number[]; trees: Tree[] } {
  const parent = new Map<number, number>()
  for (const node of innerNodes(tree)) parent.set(node + 1, node).set(tree.right[node] as number, node)
  const cost = Array.from(tree.weight, (weight, node) => (weight * (tree.impurity[node] as number)) / (tree.weight[0] as number))
  const below = cost.map(() => 0)
  const leaves = cost.map(() => 0)
  const splits = new Set(innerNodes(tree))
  const bubble = (from: number | undefined, more: number, count: number): void => {
    for (let node = from; node !== undefined; node = parent.get(node)) {
      below[node] = (below[node] as number) + more
      leaves[node] = (leaves[node] as number) + count
    }
  }
  for (let node = 0; node < tree.nodes; node++) if (!splits.has(node)) bubble(node, cost[node] as number, 1)
  const path = { alphas: [0], impurities: [below[0] as number], trees: [tree] }
  while (splits.has(0)) {
    let weakest = -1
    let alpha = Number.MAX_VALUE
    for (const node of [...splits].sort((a, b) => a - b)) {
      const own = ((cost[node] as number) - (below[node] as number)) / ((leaves[node] as number) - 1)
      if (own < alpha) [alpha, weakest] = [own, node]
    }
    const gone = (node: number): boolean => node === weakest || (parent.has(node) && gone(parent.get(node) as number))
    const [more, fewer] = [(cost[weakest] as number) - (below[weakest] as number), (leaves[weakest] as number) - 1]
    for (const node of [...splits]) if (gone(node)) splits.delete(node)
    bubble(parent.get(weakest), more, -fewer)
    below[weakest] = cost[weakest] as number
    path.alphas.push(alpha)
    path.impurities.push(below[0] as number)
    path.trees.push(rebuilt(tree, splits))
  }
  return path
}

export function slowTruncated(tree: Tree, limits: Limits): Tree {
  const { maxDepth, minSamplesSplit, minImpurityDecrease, maxLeafNodes, totalWeight } = limits
  const depth = new Map([[0, 0]])
  const allowed = innerNodes(tree).filter((node) => {
    const here = depth.get(node) as number
    depth.set(node + 1, here + 1).set(tree.right[node] as number, here + 1)
    if (maxDepth != null && here >= maxDepth) return false
    if (minSamplesSplit != null && (tree.samples[node] as number) < minSamplesSplit) return false
    return !(minImpurityDecrease && decreaseOf(tree, node, totalWeight) + 2 ** -52 < minImpurityDecrease)
  })
  const splits = new Set<number>()
  const reached = new Set([0])
  for (;;) {
    if (maxLeafNodes != null && splits.size + 1 >= maxLeafNodes) break
    const open = allowed.filter((node) => reached.has(node) && !splits.has(node))
    if (open.length === 0) break
    const most = Math.max(...open.map((node) => decreaseOf(tree, node, totalWeight)))
    const best = open.find((node) => decreaseOf(tree, node, totalWeight) === most) as number
    splits.add(best)
    reached.add(best + 1).add(tree.right[best] as number)
  }
  return rebuilt(tree, splits)
}
