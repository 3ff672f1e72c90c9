/** A smaller tree out of a larger one. */
import type { Tree } from '../tree.ts'

/**
 * The tree in which nodes for which `ends` holds are leaves; asked of nodes that split, from the root down. Gives the same
 * object where nothing is cut. Arrays are of the kind the source's are, exactly as long as needed, and `sets` holds only the
 * sets of nodes that still split.
 */
export function cut(tree: Tree, ends: (node: number, depth: number) => boolean): Tree {
  const { feature, right } = tree
  const from: number[] = []
  const rights: number[] = []
  // What waits for its left sibling: right children, their depths, and their parents' new numbers.
  const waiting: number[] = []
  let node = 0
  let depth = 0
  let splits = 0
  for (;;) {
    const at = from.push(node) - 1
    if ((feature[node] as number) >= 0 && !ends(node, depth)) {
      rights.push(0)
      waiting.push(right[node] as number, ++depth, at)
      node++
      splits++
      continue
    }
    rights.push(-1)
    if (waiting.length === 0) break
    rights[waiting.pop() as number] = at + 1
    depth = waiting.pop() as number
    node = waiting.pop() as number
  }
  return from.length === tree.nodes ? tree : gather(tree, from, rights, splits)
}

function gather(tree: Tree, from: readonly number[], rights: readonly number[], splits: number): Tree {
  const { width } = tree
  const nodes = from.length
  const feature = new Int32Array(nodes)
  const threshold = new Float32Array(nodes)
  const right = new Int32Array(nodes)
  const missingLeft = new Uint8Array(nodes)
  const samples = new Int32Array(nodes)
  const impurity = like(tree.impurity, nodes)
  const weight = like(tree.weight, nodes)
  const value = like(tree.value, nodes * width)
  for (let node = 0; node < nodes; node++) {
    const old = from[node] as number
    const next = rights[node] as number
    right[node] = next
    if (next < 0) feature[node] = -1
    else {
      feature[node] = tree.feature[old] as number
      threshold[node] = tree.threshold[old] as number
      missingLeft[node] = tree.missingLeft[old] as number
    }
    samples[node] = tree.samples[old] as number
    impurity[node] = tree.impurity[old] as number
    weight[node] = tree.weight[old] as number
    for (let k = 0; k < width; k++) value[node * width + k] = tree.value[old * width + k] as number
  }
  const none = { setAt: undefined, sets: undefined }
  const ofCategories = splits > 0 && tree.setAt && tree.sets ? setsOf(tree.setAt, tree.sets, from, rights) : none
  return { nodes, width, feature, threshold, right, missingLeft, ...ofCategories, value, impurity, samples, weight }
}

function setsOf(oldAt: Int32Array, oldSets: Uint32Array, from: readonly number[], rights: readonly number[]): Pick<Tree, 'setAt' | 'sets'> {
  const setAt = new Int32Array(from.length).fill(-1)
  let length = 0
  for (let node = 0; node < from.length; node++) {
    const old = oldAt[from[node] as number] as number
    if ((rights[node] as number) < 0 || old < 0) continue
    setAt[node] = length
    length += 1 + (oldSets[old] as number)
  }
  if (length === 0) return { setAt: undefined, sets: undefined }
  const sets = new Uint32Array(length)
  for (let node = 0; node < from.length; node++) {
    if ((setAt[node] as number) < 0) continue
    const old = oldAt[from[node] as number] as number
    sets.set(oldSets.subarray(old, old + 1 + (oldSets[old] as number)), setAt[node])
  }
  return { setAt, sets }
}

function like(array: Float32Array | Float64Array, length: number): Float32Array | Float64Array {
  return array instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}
