/** Products with an addend become one gemm: dense layers, and a weight's step written straight into the new weight. */
import { broadcastDims, type Dim } from '../dim.ts'
import { type Graph, rewrite, usesOf } from '../graph.ts'
import { inScope, type Value } from '../op.ts'
import { add } from '../ops/add.ts'
import { gemm } from '../ops/gemm.ts'
import { matmulOp } from '../ops/matmul.ts'
import { reshape, reshapeOp } from '../ops/reshape.ts'

export function fuse(graph: Graph): Graph {
  const uses = usesOf(graph)
  return rewrite(graph, (node, inputs) => {
    if (node.op !== add.op) return undefined
    for (const i of [0, 1]) {
      const before = node.inputs[i] as Value
      const addend = inputs[1 - i] as Value
      // A stack of matrices is multiplied as one tall one: the product is under a reshape, and the addend goes below it.
      const tall = before.node.op === reshapeOp.op && inputs[i]!.node.op === reshapeOp.op
      const product = tall ? (inputs[i]!.node.inputs[0] as Value) : (inputs[i] as Value)
      const once = uses.get(before) === 1 && (!tall || uses.get(before.node.inputs[0] as Value) === 1)
      if (!once || product.node.op !== matmulOp.op || product.shape.length !== 2 || product.dtype !== 'float32') continue
      const { shape } = node.outputs[0] as Value
      if (broadcastDims(addend.shape, inputs[i]!.shape)?.join() !== inputs[i]!.shape.join()) continue
      const c = tall ? flattened(addend, product.shape, shape) : addend
      if (!c) continue
      const [a, b] = product.node.inputs as [Value, Value]
      return inScope(product.node.scope, () => [reshape(gemm(a, b, c, product.node.attrs), shape)])
    }
    return undefined
  })
}

/** What is added to [..., columns] as added to [rows, columns]: all of it, or one row. */
function flattened(addend: Value, to: readonly Dim[], shape: readonly Dim[]): Value | undefined {
  if (addend.shape.join() === shape.join()) return shape.at(-1) === to[1] ? reshape(addend, to) : undefined
  return addend.shape.length === 1 && shape.at(-1) === to[1] ? addend : undefined
}
