/**
 * Minimal cost-complexity pruning: again and again, the subtree that is worth least a leaf becomes a leaf itself.
 *
 * As scikit-learn's `_cost_complexity_prune` number for number: a node's cost is weight * impurity / weight of the root, a
 * subtree's the sum over its leaves in order; what a subtree is worth a leaf, its alpha, is (cost as a leaf - cost of its leaves) /
 * (leaves - 1); of equal alphas the node of the smaller number goes first.
 *
 * Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees", 1984, chapter 3.
 */
import { fail } from '../../core/errors.ts'
import type { Tree } from '../tree.ts'
import { cut } from './cut.ts'

export interface PruningPath {
  /** The alpha at which each step is taken; the first, 0, stands for the whole tree. As scikit-learn, not always ascending to the last bit. */
  readonly ccpAlphas: Float64Array
  /** Cost of all leaves after that step. */
  readonly impurities: Float64Array
}

/** All steps from the whole tree to its root alone. @throws TREE_LEAVES_ONLY of a tree that came from ONNX */
export function pruningPath(tree: Tree): PruningPath {
  checkKnown(tree)
  const { ccpAlphas, impurities } = weakestLinks(tree, Number.POSITIVE_INFINITY)
  return { ccpAlphas: Float64Array.from(ccpAlphas), impurities: Float64Array.from(impurities) }
}

/**
 * The tree pruned until the next step would have an alpha larger than this one. 0 prunes nothing; gives the same object where
 * nothing is cut.
 */
export function prune(tree: Tree, ccpAlpha: number): Tree {
  return prunings(tree, [ccpAlpha])[0] as Tree
}

/**
 * The same tree pruned for each of these, in their order, from one path. Law: each is what `prune` gives. Those that are equal are
 * one object.
 *
 * @example
 * ```ts
 * const [whole, smaller] = prunings(tree, [0, 0.001])
 * ```
 */
export function prunings(tree: Tree, ccpAlphas: ArrayLike<number>): Tree[] {
  let largest = 0
  for (let k = 0; k < ccpAlphas.length; k++) largest = Math.max(largest, ccpAlphas[k] as number)
  const wanted = Array.from(ccpAlphas)
  if (largest === 0 || tree.nodes === 1) return wanted.map(() => tree)
  checkKnown(tree)
  const path = weakestLinks(tree, largest)
  const made = new Map<number, Tree>()
  return wanted.map((ccpAlpha) => {
    const steps = stepsOf(path, ccpAlpha)
    const known = steps === 0 ? tree : made.get(steps)
    if (known) return known
    const { step } = path
    const pruned = cut(tree, (node) => (step[node] as number) > 0 && (step[node] as number) <= steps)
    made.set(steps, pruned)
    return pruned
  })
}

function checkKnown({ weight }: Tree): void {
  if (Number.isNaN(weight[0])) throw fail('TREE_LEAVES_ONLY')
}

interface Links {
  /** The step, from 1 on, in which a node became a leaf; 0 for none. */
  readonly step: Int32Array
  readonly ccpAlphas: readonly number[]
  readonly impurities: readonly number[]
}

function stepsOf({ ccpAlphas }: Links, ccpAlpha: number): number {
  if (ccpAlpha === 0) return 0
  let steps = 0
  while (steps + 1 < ccpAlphas.length && !(ccpAlpha < (ccpAlphas[steps + 1] as number))) steps++
  return steps
}

/**
 * Steps until one's alpha is larger than `largest`. Every node keeps the least alpha of its subtree, so the next node to prune is
 * found by one walk down, and a step costs as much as the node is deep.
 */
function weakestLinks(tree: Tree, largest: number): Links {
  const { nodes, feature, right } = tree
  const step = new Int32Array(nodes)
  const { cost, below, leaves } = costsOf(tree)
  const alpha = new Float64Array(nodes)
  const least = new Float64Array(nodes)
  const refresh = (node: number): void => {
    const own = ((cost[node] as number) - (below[node] as number)) / ((leaves[node] as number) - 1)
    const children = Math.min(least[node + 1] as number, least[right[node] as number] as number)
    alpha[node] = own
    // A cost that is no number, of a tree without weights, is never the least.
    least[node] = Number.isNaN(own) ? children : Math.min(own, children)
  }
  for (let node = nodes - 1; node >= 0; node--) {
    if ((feature[node] as number) >= 0) refresh(node)
    else least[node] = Number.POSITIVE_INFINITY
  }

  const ccpAlphas = [0]
  const impurities = [below[0] as number]
  const path: number[] = []
  for (;;) {
    const weakest = least[0] as number
    if (weakest > largest || weakest === Number.POSITIVE_INFINITY) break
    let node = 0
    path.length = 0
    while (alpha[node] !== weakest) {
      path.push(node)
      node = least[node + 1] === weakest ? node + 1 : (right[node] as number)
    }
    const fewer = (leaves[node] as number) - 1
    const more = (cost[node] as number) - (below[node] as number)
    step[node] = ccpAlphas.length
    below[node] = cost[node] as number
    leaves[node] = 1
    alpha[node] = Number.POSITIVE_INFINITY
    least[node] = Number.POSITIVE_INFINITY
    for (let k = path.length - 1; k >= 0; k--) {
      const above = path[k] as number
      leaves[above] = (leaves[above] as number) - fewer
      below[above] = (below[above] as number) + more
      refresh(above)
    }
    ccpAlphas.push(weakest)
    impurities.push(below[0] as number)
  }
  return { step, ccpAlphas, impurities }
}

/** Cost of each node, sum of its leaves' in their order, and how many those are. */
function costsOf({ nodes, feature, right, weight, impurity }: Tree): { cost: Float64Array; below: Float64Array; leaves: Int32Array } {
  const cost = new Float64Array(nodes)
  const below = new Float64Array(nodes)
  const leaves = new Int32Array(nodes)
  const total = weight[0] as number
  const above: number[] = []
  for (let node = 0; node < nodes; node++) {
    const own = ((weight[node] as number) * (impurity[node] as number)) / total
    cost[node] = own
    if ((feature[node] as number) >= 0) {
      above.push(node)
      continue
    }
    below[node] = own
    leaves[node] = 1
    for (let k = 0; k < above.length; k++) {
      const parent = above[k] as number
      below[parent] = (below[parent] as number) + own
      leaves[parent] = (leaves[parent] as number) + 1
    }
    // The next node is the right child of the deepest node whose left subtree this leaf ends.
    while (above.length > 0 && right[above[above.length - 1] as number] !== node + 1) above.pop()
  }
  return { cost, below, leaves }
}
