/** A graph is its named inputs and outputs; the nodes are what is reachable from the outputs. */
import { fail } from '../core/errors.ts'
import { applyOp, inScope, type Node, type TensorType, type Value } from './op.ts'
import { input, inputName, type Role } from './ops/input.ts'

export interface Graph {
  readonly name: string
  /** In the order they were declared, whether used or not. */
  readonly inputs: Readonly<Record<string, Value>>
  readonly outputs: Readonly<Record<string, Value>>
}

/**
 * Traces a function of values to a graph.
 *
 * @example
 * ```ts
 * trace('double', { x: { dtype: 'float32', shape: ['batch'] } }, ({ x }) => ({ y: ops.mul(x, 2) }))
 * ```
 */
export function trace<I extends Readonly<Record<string, TensorType & { readonly role?: Role }>>>(
  name: string,
  inputs: I,
  body: (inputs: { readonly [K in keyof I]: Value }) => Readonly<Record<string, Value>>,
): Graph {
  const values = Object.fromEntries(Object.entries(inputs).map(([key, { dtype, shape, role }]) => [key, input(key, dtype, shape, role)]))
  return graphOf(name, body(values as { readonly [K in keyof I]: Value }), Object.values(values))
}

/** A graph from its outputs; inputs are found, those given come first. */
export function graphOf(name: string, outputs: Readonly<Record<string, Value>>, declared: readonly Value[] = []): Graph {
  const inputs: Record<string, Value> = {}
  const found = nodesOf(Object.values(outputs)).flatMap((node) => node.outputs.filter((value) => inputName(value) !== undefined))
  for (const value of [...declared, ...found]) {
    const key = inputName(value) as string
    if (inputs[key] !== undefined && inputs[key] !== value) throw fail('INTERNAL', `two inputs of graph '${name}' are named '${key}'`)
    inputs[key] = value
  }
  return { name, inputs, outputs }
}

/** Every node the values depend on, each after its inputs; the order depends on the graph alone. */
export function nodesOf(values: Iterable<Value>): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  // An explicit stack: an unrolled network is deeper than the call stack.
  const stack: { node: Node; next: number }[] = []
  const push = (node: Node) => {
    if (seen.has(node)) return
    seen.add(node)
    stack.push({ node, next: 0 })
  }
  for (const value of values) {
    push(value.node)
    while (stack.length > 0) {
      const top = stack.at(-1) as { node: Node; next: number }
      const following = top.node.inputs[top.next++]
      if (following) push(following.node)
      else {
        order.push(top.node)
        stack.pop()
      }
    }
  }
  return order
}

/** How often each value is used, outputs of the graph included. */
export function usesOf(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>()
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const node of nodesOf(Object.values(graph.outputs))) node.inputs.forEach(use)
  Object.values(graph.outputs).forEach(use)
  return uses
}

/**
 * Rebuilds a graph bottom-up. `change` sees each node with its inputs already rebuilt and may return other values for
 * its outputs; undefined keeps the node. What is no longer reachable is gone.
 */
export function rewrite(graph: Graph, change: (node: Node, inputs: readonly Value[]) => readonly Value[] | undefined): Graph {
  const mapped = new Map<Value, Value>()
  const of = (value: Value) => mapped.get(value) ?? value
  for (const node of nodesOf(Object.values(graph.outputs))) {
    const inputs = node.inputs.map(of)
    const changed = inScope(node.scope, () => change(node, inputs))
    const outputs =
      changed ?? (inputs.every((x, i) => x === node.inputs[i]) ? node.outputs : applyOp(node.op, inputs, node.attrs, node.scope))
    node.outputs.forEach((value, i) => void mapped.set(value, outputs[i] as Value))
  }
  return { ...graph, outputs: Object.fromEntries(Object.entries(graph.outputs).map(([key, value]) => [key, of(value)])) }
}
