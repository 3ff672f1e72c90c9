/** The laws of `Tree`, checked: what comes from a file may walk nowhere but to a leaf. */
import type { Tree } from '../tree.ts'

/** Which law a tree breaks, in words; undefined where it keeps them all. */
export function brokenLaw(tree: Tree, features: number): string | undefined {
  return brokenShape(tree) ?? brokenOrder(tree, features) ?? brokenSets(tree) ?? brokenNumbers(tree)
}

function brokenShape(tree: Tree): string | undefined {
  const { nodes, width, value, setAt, sets } = tree
  if (!(nodes >= 1)) return 'it has no node'
  for (const name of ['feature', 'threshold', 'right', 'missingLeft', 'impurity', 'samples', 'weight'] as const)
    if (tree[name].length !== nodes) return `it has ${nodes} nodes and ${tree[name].length} numbers of '${name}'`
  if (value.length !== nodes * width) return `it has ${nodes} nodes of ${width} values, and ${value.length} values`
  if ((setAt === undefined) !== (sets === undefined)) return 'it has sets without their places, or places without sets'
  if (setAt && setAt.length !== nodes) return `it has ${nodes} nodes and ${setAt.length} numbers of 'setAt'`
  return undefined
}

/** Depth first: the left child is the next node, the right one follows the left one's last. So there is no way back up. */
function brokenOrder({ nodes, feature, right }: Tree, features: number): string | undefined {
  const open: number[] = []
  for (let node = 0; node < nodes; node++) {
    if (node > 0 && (feature[node - 1] as number) < 0 && open.pop() !== node) return `node ${node} is nobody's child`
    const by = feature[node] as number
    const to = right[node] as number
    if (by < -1 || by >= features) return `node ${node} splits by feature ${by} of ${features}`
    if (by < 0) {
      if (to !== -1) return `node ${node} is a leaf with a child`
    } else if (!(to > node + 1 && to < nodes)) return `the right child of node ${node} of ${nodes} is ${to}`
    else open.push(to)
  }
  if ((feature[nodes - 1] as number) >= 0 || open.length > 0) return 'a node has no children at the end'
  return undefined
}

function brokenSets({ nodes, feature, setAt, sets }: Tree): string | undefined {
  if (!setAt || !sets) return undefined
  for (let node = 0; node < nodes; node++) {
    const at = setAt[node] as number
    if (at === -1) continue
    if ((feature[node] as number) < 0) return `node ${node} is a leaf with a set`
    if (at < 0 || at >= sets.length || at + 1 + (sets[at] as number) > sets.length) return `the set of node ${node} is not there`
  }
  return undefined
}

function brokenNumbers({ nodes, width, feature, threshold, missingLeft, value, samples }: Tree): string | undefined {
  for (let node = 0; node < nodes; node++) {
    if ((missingLeft[node] as number) > 1) return `node ${node} sends missing values neither left nor right`
    if ((samples[node] as number) < 0) return `node ${node} has ${samples[node]} rows`
    if ((feature[node] as number) >= 0) {
      if (Number.isNaN(threshold[node])) return `node ${node} has no threshold`
      continue
    }
    for (let k = node * width; k < (node + 1) * width; k++) if (!Number.isFinite(value[k])) return `leaf ${node} stands for ${value[k]}`
  }
  return undefined
}
