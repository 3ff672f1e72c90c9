/** Trees as this room has them, from a table of nodes: numbered depth first, every question turned into `x <= threshold` or a set. */
import type { Tree } from '../tree.ts'
import { floatAtMost, floatUnder } from './float32.ts'
import { questionsLimit, type SetNode, setAt } from './sets.ts'
import type { NodeTable } from './table.ts'

export interface BuildOptions {
  readonly width: number
  /** The values of a leaf, written to `into` from `at` on. */
  readonly value: (place: number, into: Float64Array, at: number) => void
}

/** Numbers of all leaves and nodes together that are taken for trees; more would fill the memory. */
const mostValues = 2 ** 27

/** @throws Error where a node cannot be said in this room's way */
export function buildTrees(table: NodeTable, options: BuildOptions): Tree[] {
  if (table.nodes * options.width > mostValues)
    throw new Error(`it has ${table.nodes} nodes for ${options.width} classes, which is too much`)
  const built = new Uint8Array(table.nodes)
  const spend = questionsLimit()
  return table.roots.map((root) => build(table, root, options, built, spend))
}

interface Split {
  readonly feature: number
  readonly threshold: number
  readonly left: number
  readonly right: number
  readonly missingLeft: boolean
  readonly words?: Uint32Array
}

function build(table: NodeTable, root: number, options: BuildOptions, built: Uint8Array, spend: (questions: number) => void): Tree {
  const { width } = options
  const places: number[] = []
  const splits: (Split | undefined)[] = []
  const right: number[] = []
  const sets: number[] = []
  const at: number[] = []
  const open: { readonly place: number; readonly parent: number }[] = [{ place: root, parent: -1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { place, parent } = next
    const node = places.length
    if (built[place] === 1) throw new Error(`node ${table.id[place]} is the child of two nodes`)
    built[place] = 1
    if (parent >= 0) right[parent] = node
    const split = table.mode[place] === 'LEAF' ? undefined : splitOf(table, place, spend)
    places.push(place)
    splits.push(split)
    right.push(-1)
    at.push(split?.words ? sets.length : -1)
    if (!split) continue
    if (split.words) {
      sets.push(split.words.length)
      for (const word of split.words) sets.push(word)
    }
    open.push({ place: split.right, parent: node }, { place: split.left, parent: -1 })
  }
  const nodes = places.length
  const tree = {
    nodes,
    width,
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    right: Int32Array.from(right),
    missingLeft: new Uint8Array(nodes),
    setAt: sets.length > 0 ? Int32Array.from(at) : undefined,
    sets: sets.length > 0 ? Uint32Array.from(sets) : undefined,
    value: new Float64Array(nodes * width).fill(Number.NaN),
    impurity: new Float64Array(nodes).fill(Number.NaN),
    samples: new Int32Array(nodes),
    weight: new Float64Array(nodes).fill(Number.NaN),
  }
  for (let node = 0; node < nodes; node++) {
    const split = splits[node]
    if (!split) {
      options.value(places[node] as number, tree.value, node * width)
      continue
    }
    tree.feature[node] = split.feature
    tree.threshold[node] = split.threshold
    tree.missingLeft[node] = split.missingLeft ? 1 : 0
  }
  return tree
}

/** Missing values answer no to every comparison, unless the node says they answer yes; only to 'is not' they answer yes. */
function splitOf(table: NodeTable, place: number, spend: (questions: number) => void): Split {
  const { mode, yes, no, id, missingYes, parents } = table
  const feature = table.feature[place] as number
  const threshold = table.threshold[place] as number
  const [whenYes, whenNo] = [yes[place] as number, no[place] as number]
  const toYes = missingYes[place] === 1
  if (Number.isNaN(threshold)) throw new Error(`node ${id[place]} has no threshold`)
  if (threshold === Number.NEGATIVE_INFINITY && (mode[place] === 'BRANCH_LT' || mode[place] === 'BRANCH_GTE'))
    throw new Error(`node ${id[place]} asks for what is below all numbers`)
  const isYesLeft = { feature, left: whenYes, right: whenNo, missingLeft: toYes }
  const isNoLeft = { feature, left: whenNo, right: whenYes, missingLeft: !toYes }
  switch (mode[place]) {
    case 'BRANCH_LEQ':
      // One end of a set is come to from two sides.
      if ((parents[whenYes] as number) > 1) return fromSet(setAt(table, place, spend))
      return { ...isYesLeft, threshold: floatAtMost(threshold) }
    case 'BRANCH_LT':
      return { ...isYesLeft, threshold: floatUnder(threshold) }
    case 'BRANCH_GT':
      return { ...isNoLeft, threshold: floatAtMost(threshold) }
    case 'BRANCH_GTE':
      return { ...isNoLeft, threshold: floatUnder(threshold) }
    case 'BRANCH_EQ':
      return fromSet(setAt(table, place, spend))
    default:
      throw new Error(`node ${id[place]} asks by '${mode[place]}'`)
  }
}

function fromSet({ feature, left, right, missingLeft, words }: SetNode): Split {
  return { feature, threshold: 0, left, right, missingLeft, words }
}
