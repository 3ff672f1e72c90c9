import { type Graph, rewrite } from '../graph.ts'
import { type Attr, applyOp, type Value } from '../op.ts'
import { inputName } from '../ops/input.ts'

/** Larger constants are rarely equal, and comparing them costs. */
const LARGEST = 256

/** Common subexpressions: nodes of the same operator, attributes and inputs become one. */
export function commonSubexpressions(graph: Graph): Graph {
  const numbers = new Map<object, number>()
  const numberOf = (item: object) => {
    if (!numbers.has(item)) numbers.set(item, numbers.size)
    return numbers.get(item)
  }
  const attrKey = (_key: string, attr: Attr) => {
    if (!isTensor(attr)) return attr
    if (attr.data.length > LARGEST) return `tensor#${numberOf(attr)}`
    // Object.is tells 0 from -0, and JSON cannot.
    return `${attr.dtype}[${attr.shape}]${Array.from(attr.data as Float32Array, (x) => (Object.is(x, -0) ? '-0' : String(x)))}`
  }
  const seen = new Map<string, readonly Value[]>()
  return rewrite(graph, (node, inputs) => {
    if (inputName(node.outputs[0] as Value) !== undefined) return undefined
    const key = `${numberOf(node.op)}(${inputs.map(numberOf)})${JSON.stringify(node.attrs, attrKey)}`
    const twin = seen.get(key)
    if (twin) return twin
    const outputs = inputs.every((x, i) => x === node.inputs[i]) ? node.outputs : applyOp(node.op, inputs, node.attrs, node.scope)
    seen.set(key, outputs)
    return outputs
  })
}

function isTensor(attr: Attr): attr is Extract<Attr, { data: unknown }> {
  return typeof attr === 'object' && !Array.isArray(attr) && 'data' in attr
}
