/** Trees as the attributes of ONNX's tree operators: one long list for each fact of a node, and one for each of a leaf. */
import type { OnnxAttr } from '../../graph/index.ts'
import { tensor } from '../../tensor/index.ts'
import type { Ensemble } from '../ensemble.ts'
import type { Tree } from '../tree.ts'
import { boundariesOf } from './boundaries.ts'

const LEAF = 0
const BRANCH_LEQ = 1
const modes = ['LEAF', 'BRANCH_LEQ'] as const

/**
 * Every node is a leaf or `x <= threshold`, in double precision. A node that splits by a set of categories becomes a chain of them, one
 * for each end of a run of categories: that says the same for every number, and runtimes are fastest where all nodes ask alike. The
 * chain's yes-branches share the two children; its last no-branch is the only way to a child that is no yes-branch, which is
 * the one form of sharing that ONNX Runtime takes.
 *
 * @param scale what leaves' values are multiplied by
 * @param prefix of the leaves' attributes: 'class' or 'target'
 */
export function treeAttributes(
  { trees, width }: Pick<Ensemble, 'trees' | 'width'>,
  scale: number,
  prefix: 'class' | 'target',
): Record<string, OnnxAttr> {
  const chains = trees.map(chainsOf)
  const nodes = trees.reduce((sum, tree, t) => sum + tree.nodes + (chains[t]?.added ?? 0), 0)
  const column = {
    tree: new Int32Array(nodes),
    id: new Int32Array(nodes),
    feature: new Int32Array(nodes),
    mode: new Uint8Array(nodes),
    threshold: new Float64Array(nodes),
    yes: new Int32Array(nodes),
    no: new Int32Array(nodes),
    missing: new Uint8Array(nodes),
  }
  let at = 0
  const write = (tree: number, id: number, feature: number, mode: number, threshold: number, yes: number, no: number, missing: number) => {
    column.tree[at] = tree
    column.id[at] = id
    column.feature[at] = feature
    column.mode[at] = mode
    column.threshold[at] = threshold
    column.yes[at] = yes
    column.no[at] = no
    column.missing[at++] = missing
  }
  for (const [t, tree] of trees.entries()) {
    let next = tree.nodes
    for (let node = 0; node < tree.nodes; node++) {
      const feature = tree.feature[node] as number
      const right = tree.right[node] as number
      const links = chains[t]?.at.get(node)
      if (feature < 0) write(t, node, 0, LEAF, 0, 0, 0, 0)
      else if (links === undefined)
        write(t, node, feature, BRANCH_LEQ, tree.threshold[node] as number, node + 1, right, tree.missingLeft[node] as number)
      else {
        const missing = tree.missingLeft[node] === 1 ? node + 1 : right
        const other = missing === right ? node + 1 : right
        for (const [i, threshold] of links.entries()) {
          const last = i === links.length - 1
          // Before the first category and after the last lies what no set can hold: it goes the way of the missing.
          const no = !last ? next + i : links.length === 1 ? other : missing
          write(t, i === 0 ? node : next + i - 1, feature, BRANCH_LEQ, threshold, i % 2 === 0 ? missing : other, no, i === 0 ? 1 : 0)
        }
        next += links.length - 1
      }
    }
  }
  return {
    nodes_treeids: column.tree,
    nodes_nodeids: column.id,
    nodes_featureids: column.feature,
    nodes_modes: { words: modes, codes: column.mode },
    nodes_values_as_tensor: { tensor: tensor('float64', [nodes], column.threshold) },
    nodes_truenodeids: column.yes,
    nodes_falsenodeids: column.no,
    nodes_missing_value_tracks_true: column.missing,
    ...leafAttributes(trees, width, scale, prefix),
  }
}

/** What leaves add to which column. Shares that are 0 are left out, but for one a leaf. */
function leafAttributes(trees: readonly Tree[], width: number, scale: number, prefix: string): Record<string, OnnxAttr> {
  let entries = 0
  const each = (visit: (tree: number, node: number, column: number, value: number) => void) => {
    for (const [t, tree] of trees.entries()) {
      for (let node = 0; node < tree.nodes; node++) {
        if ((tree.feature[node] as number) >= 0) continue
        let written = false
        for (let k = 0; k < tree.width; k++) {
          const value = tree.value[node * tree.width + k] as number
          if (value === 0 && (written || k < tree.width - 1)) continue
          written = true
          visit(t, node, tree.width === width ? k : t % width, value)
        }
      }
    }
  }
  each(() => entries++)
  const ids = { tree: new Int32Array(entries), node: new Int32Array(entries), column: new Int32Array(entries) }
  const weights = new Float64Array(entries)
  let at = 0
  each((tree, node, column, value) => {
    ids.tree[at] = tree
    ids.node[at] = node
    ids.column[at] = column
    weights[at++] = value * scale
  })
  return {
    [`${prefix}_treeids`]: ids.tree,
    [`${prefix}_nodeids`]: ids.node,
    [`${prefix}_ids`]: ids.column,
    [`${prefix}_weights_as_tensor`]: { tensor: tensor('float64', [entries], weights) },
  }
}

/** The chains of a tree's nodes with sets: their thresholds, and how many nodes they add. Undefined where it has no set. */
function chainsOf(tree: Tree): { at: ReadonlyMap<number, readonly number[]>; added: number } | undefined {
  const { setAt, sets } = tree
  if (!setAt || !sets) return undefined
  const at = new Map<number, readonly number[]>()
  let added = 0
  for (let node = 0; node < tree.nodes; node++) {
    const set = setAt[node] as number
    if ((tree.feature[node] as number) < 0 || set < 0) continue
    const links = boundariesOf(sets, set, tree.missingLeft[node] === 1)
    at.set(node, links)
    added += links.length - 1
  }
  return { at, added }
}
