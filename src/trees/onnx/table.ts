/** The attributes of a tree operator as a table of nodes that is sound: every child is there, every tree has one root, and no way leads back. */
import type { OnnxOperator } from './read.ts'
import { floatsOf, intsOf, stringsOf } from './read.ts'

export type Mode = 'LEAF' | 'BRANCH_LEQ' | 'BRANCH_LT' | 'BRANCH_GT' | 'BRANCH_GTE' | 'BRANCH_EQ' | 'BRANCH_NEQ'

/** Nodes of all trees, by their place in the file. */
export interface NodeTable {
  readonly nodes: number
  /** Place of each tree's root, in the order trees come. */
  readonly roots: readonly number[]
  readonly mode: readonly string[]
  readonly id: ArrayLike<number>
  readonly feature: ArrayLike<number>
  readonly threshold: ArrayLike<number>
  /** Places of the children; -1 of leaves. */
  readonly yes: Int32Array
  readonly no: Int32Array
  readonly missingYes: Uint8Array
  /** How many nodes have it for a child. */
  readonly parents: Int32Array
  /** What leaves add, by place: entries first[i] .. first[i + 1] - 1. */
  readonly leaves: { readonly first: Int32Array; readonly column: Int32Array; readonly weight: Float64Array }
}

/** @throws Error that says what does not fit together */
export function readTable(node: OnnxOperator, prefix: 'class' | 'target'): NodeTable {
  const id = needed(intsOf(node, 'nodes_nodeids'), 'nodes_nodeids')
  const nodes = id.length
  const list = <L extends ArrayLike<unknown>>(values: L | undefined, name: string): L => {
    const found = needed(values, name)
    if (found.length !== nodes) throw new Error(`there are ${nodes} nodes, and ${found.length} of '${name}'`)
    return found
  }
  const tree = list(intsOf(node, 'nodes_treeids'), 'nodes_treeids')
  const mode = list(stringsOf(node, 'nodes_modes'), 'nodes_modes')
  const tracks = intsOf(node, 'nodes_missing_value_tracks_true')
  if (tracks && tracks.length > 0) list(tracks, 'nodes_missing_value_tracks_true')
  const placeOf = placesOf(tree, id)
  const yes = new Int32Array(nodes).fill(-1)
  const no = new Int32Array(nodes).fill(-1)
  const parents = new Int32Array(nodes)
  const yesIds = list(intsOf(node, 'nodes_truenodeids'), 'nodes_truenodeids')
  const noIds = list(intsOf(node, 'nodes_falsenodeids'), 'nodes_falsenodeids')
  for (let i = 0; i < nodes; i++) {
    if (mode[i] === 'LEAF') continue
    yes[i] = placeOf(tree[i] as number, yesIds[i] as number)
    no[i] = placeOf(tree[i] as number, noIds[i] as number)
    parents[yes[i] as number]!++
    parents[no[i] as number]!++
  }
  const roots = rootsOf(tree, parents)
  checkReached(roots, yes, no)
  return {
    nodes,
    roots,
    mode,
    id,
    feature: list(intsOf(node, 'nodes_featureids'), 'nodes_featureids'),
    threshold: list(floatsOf(node, 'nodes_values'), 'nodes_values'),
    yes,
    no,
    missingYes: Uint8Array.from({ length: nodes }, (_, i) => (tracks?.[i] ? 1 : 0)),
    parents,
    leaves: readLeaves(node, prefix, nodes, placeOf),
  }
}

function readLeaves(node: OnnxOperator, prefix: string, nodes: number, placeOf: (tree: number, id: number) => number): NodeTable['leaves'] {
  const weights = needed(floatsOf(node, `${prefix}_weights`), `${prefix}_weights`)
  const [trees, ids, columns] = ['treeids', 'nodeids', 'ids'].map((name) => {
    const found = needed(intsOf(node, `${prefix}_${name}`), `${prefix}_${name}`)
    if (found.length !== weights.length)
      throw new Error(`there are ${weights.length} leaves' weights, and ${found.length} of '${prefix}_${name}'`)
    return found
  }) as [number[], number[], number[]]
  const first = new Int32Array(nodes + 1)
  const places = new Int32Array(trees.length)
  for (let k = 0; k < places.length; k++) {
    const place = placeOf(trees[k] as number, ids[k] as number)
    places[k] = place
    first[place + 1]!++
  }
  for (let i = 0; i < nodes; i++) first[i + 1]! += first[i] as number
  const next = first.slice()
  const column = new Int32Array(places.length)
  const weight = new Float64Array(places.length)
  for (let k = 0; k < places.length; k++) {
    const at = next[places[k] as number]!++
    column[at] = columns[k] as number
    weight[at] = weights[k] as number
  }
  return { first, column, weight }
}

/** Where a node is, by its tree and its number there. */
function placesOf(tree: readonly number[], id: readonly number[]): (tree: number, id: number) => number {
  const places = new Map<number, Map<number, number>>()
  for (let i = 0; i < id.length; i++) {
    let known = places.get(tree[i] as number)
    if (!known) places.set(tree[i] as number, (known = new Map()))
    if (known.has(id[i] as number)) throw new Error(`tree ${tree[i]} has two nodes ${id[i]}`)
    known.set(id[i] as number, i)
  }
  let last = { tree: Number.NaN, places: undefined as Map<number, number> | undefined }
  return (tree, id) => {
    if (tree !== last.tree) last = { tree, places: places.get(tree) }
    const place = last.places?.get(id)
    if (place === undefined) throw new Error(`tree ${tree} has no node ${id}`)
    return place
  }
}

function rootsOf(tree: readonly number[], parents: Int32Array): number[] {
  const roots = new Map<number, number>()
  for (let i = 0; i < tree.length; i++) {
    if (parents[i] !== 0) continue
    if (roots.has(tree[i] as number)) throw new Error(`tree ${tree[i]} has two nodes that are nobody's child`)
    roots.set(tree[i] as number, i)
  }
  return [...roots.values()]
}

/** Nodes in an order in which parents come first: all of them, unless some go round in a circle. */
function checkReached(roots: readonly number[], yes: Int32Array, no: Int32Array): void {
  const waiting = new Int32Array(yes.length)
  for (const child of [yes, no]) for (const place of child) if (place >= 0) waiting[place]!++
  const ready = [...roots]
  let reached = 0
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    reached++
    for (const child of [yes[node] as number, no[node] as number]) if (child >= 0 && --waiting[child]! === 0) ready.push(child)
  }
  if (reached !== yes.length) throw new Error('nodes of a tree go round in a circle')
}

function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the list '${name}' is missing`)
  return value
}
