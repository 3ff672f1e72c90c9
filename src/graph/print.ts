/** A graph as text that a person can read: one line a node. */
import type { Tensor } from '../tensor/index.ts'
import { type Graph, nodesOf } from './graph.ts'
import { type Attr, type Node, typeName, type Value } from './op.ts'
import { constantOf } from './ops/constant.ts'
import { inputName } from './ops/input.ts'

/**
 * @example
 * ```text
 * graph double(x: float32[batch]) {
 *   %1 = mul(x, 2)                       float32[batch]
 *   return y = %1
 * }
 * ```
 */
export function print(graph: Graph): string {
  const names = new Map<Value, string>()
  const lines: [text: string, type: string, scope: string][] = []
  let count = 0
  for (const node of nodesOf(Object.values(graph.outputs))) {
    for (const value of node.outputs) names.set(value, nameOf(value) ?? `%${++count}`)
    if (node.outputs.every((value) => nameOf(value) !== undefined)) continue
    const left = node.outputs.map((value) => names.get(value)).join(', ')
    const args = [...node.inputs.map((value) => names.get(value)), ...attrsOf(node)].join(', ')
    lines.push([`${left} = ${node.op.name}(${args})`, node.outputs.map(typeName).join(', '), node.scope])
  }
  const inputs = Object.entries(graph.inputs).map(([name, value]) => `${name}: ${typeName(value)}`)
  const width = Math.min(60, Math.max(0, ...lines.map(([text]) => text.length)))
  const typeWidth = Math.min(40, Math.max(0, ...lines.map(([, type]) => type.length)))
  return [
    `graph ${graph.name}(${inputs.join(', ')}) {`,
    ...lines.map(([text, type, scope]) => `  ${text.padEnd(width)}  ${type.padEnd(typeWidth)}  ${scope}`.trimEnd()),
    ...Object.entries(graph.outputs).map(([name, value]) => `  return ${name} = ${names.get(value)}`),
    '}',
  ].join('\n')
}

/** Inputs are called by their names, small constants by their numbers. */
function nameOf(value: Value): string | undefined {
  const name = inputName(value)
  if (name !== undefined) return name
  const found = constantOf(value)
  if (!found) return undefined
  if (found.data.length === 1) return `${Number(found.data[0]?.toString())}`.slice(0, 12)
  return found.data.length <= 4 ? `[${Array.from(found.data as Float32Array).join(' ')}]` : `constant<${typeName(value)}>`
}

function attrsOf(node: Node): string[] {
  return Object.entries(node.attrs).flatMap(([key, value]) => (value === undefined || value === false ? [] : [`${key}=${show(value)}`]))
}

function show(attr: Attr): string {
  if (Array.isArray(attr)) return `[${attr.join(',')}]`
  return typeof attr === 'object' ? typeName(attr as Tensor) : String(attr)
}
