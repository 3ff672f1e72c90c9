/** Algebra that needs no arithmetic: what multiplies by one, adds zero, undoes itself, or broadcasts for nothing. */
import { broadcastDims } from '../dim.ts'
import { type Graph, rewrite } from '../graph.ts'
import { applyOp, type Node, type Op, typeName, type Value } from '../op.ts'
import { add } from '../ops/add.ts'
import { broadcastTo } from '../ops/broadcast.ts'
import { isConstant } from '../ops/constant.ts'
import { div } from '../ops/div.ts'
import { mul } from '../ops/mul.ts'
import { neg } from '../ops/neg.ts'
import { maxPool2dGrad } from '../ops/pool.ts'
import { sum } from '../ops/reduce.ts'
import { reshape, reshapeOp } from '../ops/reshape.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { sub } from '../ops/sub.ts'
import { transpose } from '../ops/transpose.ts'

const broadcasting = new Set<Op>([add.op, sub.op, mul.op, div.op])

export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node, inputs) => {
    const simpler = rule(node, inputs)
    // A rule may only ever give the same type; broadcasting can widen a shape.
    return simpler && typeName(simpler) === typeName(node.outputs[0] as Value) ? [simpler] : undefined
  })
}

function rule({ op, attrs, scope, outputs }: Node, inputs: readonly Value[]): Value | undefined {
  const [a, b] = inputs as [Value, Value]
  const from = a?.node
  if (op === stopGradient.op) return a
  if (op === mul.op) {
    if (isConstant(b, 1)) return a
    if (isConstant(a, 1)) return b
  }
  if (op === div.op && isConstant(b, 1)) return a
  if (op === add.op) {
    if (isConstant(b, 0)) return a
    if (isConstant(a, 0)) return b
  }
  if (op === sub.op && isConstant(b, 0)) return a
  if (op === neg.op && from?.op === neg.op) return from.inputs[0]
  if (op === sum.op && from?.op === maxPool2dGrad.op && [2, 3].every((axis) => (attrs.axes as number[]).includes(axis))) {
    // A maximum pool's gradient gives each number to one place: a bias before the pool sums the fewer numbers after it.
    return applyOp(op, [from.inputs[2] as Value], attrs, scope)[0]
  }
  if (op === reshapeOp.op && from?.op === reshapeOp.op) return reshape(from.inputs[0] as Value, outputs[0]!.shape)
  if (op === transpose.op && (attrs.permutation as number[]).every((axis, i) => axis === i)) return a
  if (op === transpose.op && from?.op === transpose.op) {
    const [outer, inner] = [attrs.permutation, from.attrs.permutation] as [number[], number[]]
    return applyOp(op, from.inputs, { permutation: outer.map((axis) => inner[axis] as number) }, scope)[0]
  }
  if (broadcasting.has(op)) {
    // The operator broadcasts by itself: Expand is left out where the other operand has the full shape.
    const thin = inputs.map((x, i) => {
      const other = inputs[1 - i] as Value
      const source = unbroadcast(x)
      return source && broadcastDims(source.shape, other.shape)?.join() === outputs[0]!.shape.join() ? source : x
    })
    if (thin[0] !== a && thin[1] !== b) return applyOp(op, [a, thin[1] as Value], attrs, scope)[0]
    if (thin[0] !== a || thin[1] !== b) return applyOp(op, thin, attrs, scope)[0]
  }
  return undefined
}

/** What was broadcast to x, also through a reshape when it was a single number. */
function unbroadcast(x: Value): Value | undefined {
  const wide = x.node.op === reshapeOp.op ? (x.node.inputs[0] as Value) : x
  if (wide.node.op !== broadcastTo.op) return undefined
  const source = wide.node.inputs[0] as Value
  return wide === x || source.shape.length === 0 ? source : undefined
}
