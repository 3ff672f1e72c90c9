/** The grammar of the graph, checked after every pass: what fails here is a mistake of a pass, not of a user. */
import { fail } from '../core/errors.ts'
import { type Graph, nodesOf } from './graph.ts'
import { typeName, type Value } from './op.ts'
import { inputName } from './ops/input.ts'

/**
 * Checks that every node's outputs have the types its operator infers from its inputs, that values belong to their
 * nodes, that inputs are declared, and that outputs kept their types.
 *
 * @throws GRAPH_INVALID naming the pass and the node
 */
export function verify(graph: Graph, pass: string, before?: Graph): Graph {
  const bad = (problem: string) => fail('GRAPH_INVALID', pass, problem)
  for (const node of nodesOf(Object.values(graph.outputs))) {
    const at = `${node.op.name}${node.scope ? ` in '${node.scope}'` : ''}`
    const types = node.op.infer(node.inputs, node.attrs)
    if (types.length !== node.outputs.length) throw bad(`${at} has ${node.outputs.length} outputs instead of ${types.length}`)
    node.outputs.forEach((value, i) => {
      const want = typeName(types[i] as Value)
      if (value.node !== node || value.index !== i) throw bad(`output ${i} of ${at} belongs to another node`)
      if (typeName(value) !== want) throw bad(`output ${i} of ${at} is ${typeName(value)} but should be ${want}`)
      const name = inputName(value)
      if (name !== undefined && graph.inputs[name] !== value) throw bad(`input '${name}' is not declared`)
    })
    for (const value of node.inputs)
      if (value.node.outputs[value.index] !== value) throw bad(`${at} uses a value that its node does not have`)
  }
  for (const [name, value] of Object.entries(before?.outputs ?? {})) {
    const now = graph.outputs[name]
    if (!now || typeName(now) !== typeName(value))
      throw bad(`output '${name}' was ${typeName(value)} and is ${now ? typeName(now) : 'gone'}`)
  }
  return graph
}
