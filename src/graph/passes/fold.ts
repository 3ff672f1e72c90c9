import { dtypes, sizeOf, type Tensor } from '../../tensor/index.ts'
import { isStatic } from '../dim.ts'
import { type Graph, rewrite } from '../graph.ts'
import type { Dense, Value } from '../op.ts'
import { constant, constantOf } from '../ops/constant.ts'

/** A folded result larger than this would only swell the model. */
const LARGEST = 1 << 16

/** Constant folding: what depends on constants alone is computed now, by the reference. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    if (!node.op.foldable || inputs.length === 0) return undefined
    const known = inputs.map(constantOf)
    if (!known.every((value) => value !== undefined && value.dtype !== 'int64')) return undefined
    if (!node.outputs.every(({ shape }) => isStatic(shape) && sizeOf(shape) <= LARGEST)) return undefined
    const dense = inputs.map((value): Dense => value.node.op.reference([], value.node, {})[0] as Dense)
    return node.op.reference(dense, node, {}).map((result, i) => constant(toTensor(result, node.outputs[i] as Value)))
  })
}

function toTensor(result: Dense, { dtype }: Value): Tensor {
  const Store = dtypes[dtype].array as Float32ArrayConstructor
  return { dtype, shape: result.shape, data: Store.from(result.data as Float64Array) } as Tensor
}
