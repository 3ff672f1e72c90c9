/**
 * One binary decision tree, in flat arrays: what all trees of this room are, grown singly, in forests or by boosting.
 *
 * Laws: nodes are numbered depth first, the left child of node i is i + 1, so that every subtree is a range of numbers. A row
 * goes left where its value is at most the node's threshold, or where its category is in the node's set; where the value is
 * missing (NaN), or is a category that no set can hold, it goes the node's `missingLeft` way.
 */
export interface Tree {
  /** Nodes; at least 1. */
  readonly nodes: number
  /** Numbers a node stands for: the classes, or 1. */
  readonly width: number
  /** Feature a node splits by; -1 at a leaf. */
  readonly feature: Int32Array
  readonly threshold: Float32Array
  /** The right child; -1 at a leaf. */
  readonly right: Int32Array
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array
  /** Where the set of a node's categories begins in `sets`; -1 where it splits by threshold. Undefined where no node has a set. */
  readonly setAt: Int32Array | undefined
  /** Sets of categories that go left. A set is its number of words, then the words, 32 categories each: category c is bit c % 32 of word c / 32. */
  readonly sets: Uint32Array | undefined
  /** [nodes, width]: shares of the classes, or the mean; of every node, not only of leaves. */
  readonly value: Float32Array | Float64Array
  /** Gini, entropy or squared error of the node's rows. */
  readonly impurity: Float32Array | Float64Array
  /** Rows that came here, each once, and the sum of their weights. */
  readonly samples: Int32Array
  readonly weight: Float32Array | Float64Array
}

/** Which arrays a tree has, a number a node. */
export const nodeArrays = ['feature', 'threshold', 'right', 'missingLeft', 'impurity', 'samples', 'weight'] as const

/** The leaf that a row reaches; `at` is where the row begins in `x`. Slow and obviously right: faster ways are held to it. */
export function leafOf(tree: Tree, x: ArrayLike<number>, at = 0): number {
  let node = 0
  for (;;) {
    const feature = tree.feature[node] as number
    if (feature < 0) return node
    node = goesLeft(tree, node, x[at + feature] as number) ? node + 1 : (tree.right[node] as number)
  }
}

export function goesLeft({ threshold, missingLeft, setAt, sets }: Tree, node: number, value: number): boolean {
  const set = setAt?.[node] ?? -1
  if (set >= 0 && sets) {
    const words = sets[set] as number
    if (!(value >= 0 && value < words * 32)) return missingLeft[node] === 1
    return (((sets[set + 1 + (value >> 5)] as number) >>> (value & 31)) & 1) === 1
  }
  return Number.isNaN(value) ? missingLeft[node] === 1 : value <= (threshold[node] as number)
}

/** Depth of the deepest leaf; 0 where the root is one. */
export function depthOf({ nodes, feature, right }: Tree): number {
  const depth = new Int32Array(nodes)
  let deepest = 0
  for (let node = 0; node < nodes; node++) {
    const d = depth[node] as number
    if (d > deepest) deepest = d
    if ((feature[node] as number) < 0) continue
    depth[node + 1] = d + 1
    depth[right[node] as number] = d + 1
  }
  return deepest
}

export function leavesOf({ nodes, feature }: Tree): number {
  let leaves = 0
  for (let node = 0; node < nodes; node++) if ((feature[node] as number) < 0) leaves++
  return leaves
}
