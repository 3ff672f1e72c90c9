/** A tree while it grows: arrays that lengthen, cut to size at the end. */
import type { Tree } from '../tree.ts'

export interface TreeBuilder {
  readonly width: number
  nodes: number
  feature: Int32Array
  threshold: Float32Array
  right: Int32Array
  missingLeft: Uint8Array
  value: Float32Array | Float64Array
  impurity: Float64Array
  samples: Int32Array
  weight: Float64Array
  /** Sets of categories by node. */
  readonly sets: Map<number, Uint32Array>
}

/** Shares of classes are kept in 32 bits, quantities in 64. */
export function treeBuilder(width: number, wide: boolean): TreeBuilder {
  const size = 64
  return {
    width,
    nodes: 0,
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    right: new Int32Array(size),
    missingLeft: new Uint8Array(size),
    value: new (wide ? Float64Array : Float32Array)(size * width),
    impurity: new Float64Array(size),
    samples: new Int32Array(size),
    weight: new Float64Array(size),
    sets: new Map(),
  }
}

/** A new leaf; gives its number. */
export function addNode(builder: TreeBuilder, samples: number): number {
  const node = builder.nodes++
  if (node === builder.feature.length) lengthen(builder, node * 2)
  builder.feature[node] = -1
  builder.threshold[node] = 0
  builder.right[node] = -1
  builder.missingLeft[node] = 0
  builder.samples[node] = samples
  return node
}

function lengthen(builder: TreeBuilder, size: number): void {
  const grown = <T extends Int32Array | Float32Array | Float64Array | Uint8Array>(array: T, length: number): T => {
    const longer = new (array.constructor as new (length: number) => T)(length)
    longer.set(array)
    return longer
  }
  builder.feature = grown(builder.feature, size)
  builder.threshold = grown(builder.threshold, size)
  builder.right = grown(builder.right, size)
  builder.missingLeft = grown(builder.missingLeft, size)
  builder.value = grown(builder.value, size * builder.width)
  builder.impurity = grown(builder.impurity, size)
  builder.samples = grown(builder.samples, size)
  builder.weight = grown(builder.weight, size)
}

/** The finished tree; the builder is empty again, and its arrays are used anew. */
export function finishTree(builder: TreeBuilder): Tree {
  const { nodes, width, sets } = builder
  let setAt: Int32Array | undefined
  let pool: Uint32Array | undefined
  if (sets.size > 0) {
    setAt = new Int32Array(nodes).fill(-1)
    const words: number[] = []
    for (const [node, set] of [...sets].sort(([a], [b]) => a - b)) {
      setAt[node] = words.length
      words.push(set.length, ...set)
    }
    pool = Uint32Array.from(words)
  }
  const tree: Tree = {
    nodes,
    width,
    feature: builder.feature.slice(0, nodes),
    threshold: builder.threshold.slice(0, nodes),
    right: builder.right.slice(0, nodes),
    missingLeft: builder.missingLeft.slice(0, nodes),
    setAt,
    sets: pool,
    value: builder.value.slice(0, nodes * width),
    impurity: builder.impurity.slice(0, nodes),
    samples: builder.samples.slice(0, nodes),
    weight: builder.weight.slice(0, nodes),
  }
  builder.nodes = 0
  sets.clear()
  return tree
}
