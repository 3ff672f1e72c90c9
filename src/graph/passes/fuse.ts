/** Products with an addend become one gemm: dense layers, and a weight's step written straight into the new weight. */
import { broadcastDims } from '../dim.ts'
import { type Graph, rewrite, usesOf } from '../graph.ts'
import { inScope, type Value } from '../op.ts'
import { add } from '../ops/add.ts'
import { gemm } from '../ops/gemm.ts'
import { matmulOp } from '../ops/matmul.ts'

export function fuse(graph: Graph): Graph {
  const uses = usesOf(graph)
  return rewrite(graph, (node, inputs) => {
    if (node.op !== add.op) return undefined
    for (const i of [0, 1]) {
      const product = inputs[i] as Value
      const addend = inputs[1 - i] as Value
      const once = uses.get(node.inputs[i] as Value) === 1
      if (!once || product.node.op !== matmulOp.op || product.shape.length !== 2 || product.dtype !== 'float32') continue
      if (broadcastDims(addend.shape, product.shape)?.join() !== product.shape.join()) continue
      const [a, b] = product.node.inputs as [Value, Value]
      return inScope(product.node.scope, () => [gemm(a, b, addend, product.node.attrs)])
    }
    return undefined
  })
}
