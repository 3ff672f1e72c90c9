/** Graph to ONNX. Every operator emits itself; this file names values, shares constants and writes the model. */
import { version } from '../../core/version.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { type Graph, nodesOf, usesOf } from '../graph.ts'
import type { TensorType, Value } from '../op.ts'
import type { Emitter, Target } from './emitter.ts'
import { encodeModel, type OnnxNode } from './proto.ts'

export interface OnnxOptions {
  /** Default 'portable': standard operators only. */
  readonly target?: Target
  /** Channels of a block of the runtime's layout of images, for the target 'onnxruntime'; such a model runs on processors with that block only. */
  readonly block?: number
  readonly metadata?: Readonly<Record<string, string>>
  /** Values of inputs to be stored in the model, which is then no longer fed them: a trained model's weights. */
  readonly weights?: Readonly<Record<string, Tensor>>
}

const OPSET = 20

/** Compiles a graph to the bytes of an ONNX model (IR 10, opset 20). */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  const writer = new ModelWriter(options.target ?? 'portable', options.block ?? 0, graph)
  const names = new Map<Value, string>()
  for (const node of nodesOf(Object.values(graph.outputs))) {
    writer.scope = node.scope
    const outputs = node.op.onnx(
      writer,
      node.inputs.map((value) => names.get(value) as string),
      node,
    )
    node.outputs.forEach((value, i) => void names.set(value, outputs[i] as string))
  }
  writer.scope = ''
  for (const [name, value] of Object.entries(graph.outputs)) writer.output(name, names.get(value) as string)
  const inputs: Record<string, TensorType> = {}
  for (const [name, value] of Object.entries(graph.inputs)) {
    const weight = options.weights?.[name]
    if (weight) writer.initializers[name] = weight
    else inputs[name] = value
  }
  const nodes = live(writer.written, Object.keys(graph.outputs))
  const read = new Set(nodes.flatMap((node) => node.inputs))
  return encodeModel({
    graphName: graph.name,
    producerVersion: version,
    opsets: { '': OPSET, ...Object.fromEntries([...writer.domains].map((domain) => [domain, 1])) },
    nodes,
    initializers: Object.fromEntries(Object.entries(writer.initializers).filter(([name]) => read.has(name))),
    inputs,
    outputs: graph.outputs,
    metadata: options.metadata ?? {},
  })
}

/** The nodes that outputs depend on: an operator may write a value in two layouts, of which one is not read. */
function live(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const read = new Set(outputs)
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => read.has(name))) return false
    for (const name of node.inputs) read.add(name)
    return true
  })
  return kept.reverse()
}

class ModelWriter implements Emitter {
  readonly target: Target
  readonly block: number
  readonly blocked = new Map<string, string>()
  readonly written: OnnxNode[] = []
  readonly initializers: Record<string, Tensor> = {}
  readonly domains = new Set<string>()
  scope = ''
  #count = 0
  readonly #constants = new Map<string, string>()
  /** Names that must stay: inputs, and outputs once given. */
  readonly #fixed: Set<string>
  readonly #producer = new Map<string, OnnxNode>()
  /** Outputs' names by the name their value had before: one value may be two outputs. */
  readonly #given = new Map<string, string>()
  readonly #uses: ReadonlyMap<object, number>

  constructor(target: Target, block: number, graph: Graph) {
    this.target = target
    this.block = target === 'portable' ? 0 : block
    this.#fixed = new Set(Object.keys(graph.inputs))
    this.#uses = usesOf(graph)
  }

  isUsed(value: object): boolean {
    return this.#uses.has(value)
  }

  node: Emitter['node'] = (type, inputs, attrs = {}, options = {}) =>
    this.nodes(type, inputs, attrs, { ...options, outputs: 1 })[0] as string

  nodes: Emitter['nodes'] = (type, inputs, attrs, { domain = '', outputs: count }) => {
    const id = ++this.#count
    const path = this.scope === '' ? '' : `${this.scope}/`
    const outputs = Array.from({ length: count }, (_, i) => `${path}${type}_${id}${i === 0 ? '' : `:${i}`}`)
    const node: OnnxNode = { type, domain, name: `${path}${type}_${id}`, inputs: [...inputs], outputs, attrs }
    this.written.push(node)
    for (const name of outputs) this.#producer.set(name, node)
    if (domain !== '') this.domains.add(domain)
    return [...outputs]
  }

  constant(value: Tensor): string {
    const small = value.data.length <= 64
    const key = small
      ? `${value.dtype}[${value.shape}]${Array.from(value.data as Float32Array, (x) => (Object.is(x, -0) ? '-0' : String(x)))}`
      : ''
    const known = small ? this.#constants.get(key) : undefined
    if (known !== undefined) return known
    const name = `constant_${this.#constants.size + 1}_${++this.#count}`
    this.initializers[name] = value
    if (small) this.#constants.set(key, name)
    return name
  }

  ints(values: readonly number[]): string {
    return this.constant(tensor('int64', [values.length], values))
  }

  float(value: number): string {
    return this.constant(tensor('float32', [], [value]))
  }

  /** Gives a value the name of an output: by renaming where it is free, else by an Identity. */
  output(name: string, value: string): void {
    const now = this.#given.get(value) ?? value
    const producer = this.#producer.get(now)
    if (!producer || this.#fixed.has(now)) {
      const copy = this.node('Identity', [now])
      this.#rename(copy, name)
    } else {
      this.#rename(now, name)
      this.#given.set(value, name)
    }
    this.#fixed.add(name)
  }

  #rename(from: string, to: string): void {
    for (const node of this.written) {
      replace(node.inputs as string[], from, to)
      replace(node.outputs, from, to)
    }
    const producer = this.#producer.get(from)
    if (producer) this.#producer.set(to, producer)
  }
}

function replace(names: string[], from: string, to: string): void {
  for (let i = 0; i < names.length; i++) if (names[i] === from) names[i] = to
}
