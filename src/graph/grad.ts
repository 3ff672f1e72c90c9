/** Reverse-mode differentiation, graph to graph. */
import { fail } from '../core/errors.ts'
import { isFloat, tensor } from '../tensor/index.ts'
import { nodesOf } from './graph.ts'
import { expect, type Node, scoped, type Value } from './op.ts'
import { add } from './ops/add.ts'
import { broadcastTo } from './ops/broadcast.ts'
import { constant } from './ops/constant.ts'

/**
 * Gradients of a scalar to each of the given values, as values of the same graph.
 *
 * @param seed what the backward pass begins with; default 1. Every gradient is linear in it, so `seed = -learningRate`
 * gives the finished steps of gradient descent.
 * @throws NOT_DIFFERENTIABLE when a value is reached through an operator without a gradient
 */
export function grad(loss: Value, wanted: readonly Value[], seed?: Value): Value[] {
  expect(loss.shape.length === 0 && isFloat(loss.dtype), 'grad', [loss], 'a float scalar as loss')
  const order = nodesOf([loss])
  const needed = reaching(order, wanted)
  const grads = new Map<Value, Value>()
  grads.set(loss, seed ?? constant(tensor(loss.dtype, [], [1])))
  for (const node of order.toReversed()) {
    if (!needed.has(node)) continue
    const upstream = node.outputs.map((value) => grads.get(value))
    if (upstream.every((value) => value === undefined)) continue
    if (node.inputs.every((value) => !needed.has(value.node))) continue
    const { grad: rule } = node.op
    if (!rule) {
      if (node.inputs.some((value) => needed.has(value.node) && isFloat(value.dtype)) && isFloat(node.outputs[0]!.dtype)) {
        throw fail('NOT_DIFFERENTIABLE', node.op.name)
      }
      continue
    }
    const downstream = scoped(node.scope === '' ? 'grad' : `grad.${node.scope}`, () => rule(node, upstream))
    node.inputs.forEach((value, i) => {
      const part = downstream[i]
      if (!part || !needed.has(value.node)) return
      const sofar = grads.get(value)
      grads.set(value, sofar ? add(sofar, part) : part)
    })
  }
  return wanted.map((value) => grads.get(value) ?? zerosLike(value))
}

/** Nodes through which some wanted value reaches the loss. */
function reaching(order: readonly Node[], wanted: readonly Value[]): Set<Node> {
  const needed = new Set(wanted.map((value) => value.node))
  for (const node of order) if (node.inputs.some((value) => needed.has(value.node))) needed.add(node)
  return needed
}

function zerosLike(value: Value): Value {
  return broadcastTo(constant(tensor(value.dtype, [], [0])), value)
}
