/**
 * ONNX files as far as trees need them: operators by name, attributes as bytes that are read when asked for. Numbers are as many as
 * the file has bytes for, so nothing a file says makes it larger than it is. Source: onnx/onnx.proto.
 */
import protobuf from 'protobufjs/minimal.js'

type Reader = protobuf.Reader

export interface OnnxFile {
  readonly metadata: ReadonlyMap<string, string>
  readonly nodes: readonly OnnxOperator[]
  /** Stored values by name, as bytes that are read when asked for. */
  readonly initializers: ReadonlyMap<string, Uint8Array>
  /** The graph's inputs, with the columns of a matrix where they are told. */
  readonly inputs: readonly { readonly name: string; readonly columns: number | undefined }[]
}

export interface OnnxOperator {
  readonly type: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, Uint8Array>
}

/** @throws Error of the bytes' reader where they are no ONNX model */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const metadata = new Map<string, string>()
  let graph: Uint8Array | undefined
  each(bytes, {
    7: (reader) => void (graph = reader.bytes()),
    14: (reader) => {
      const entry = { key: '', value: '' }
      each(reader.bytes(), { 1: (r) => void (entry.key = r.string()), 2: (r) => void (entry.value = r.string()) })
      metadata.set(entry.key, entry.value)
    },
  })
  if (!graph) throw new Error('there is no graph in it')
  const nodes: OnnxOperator[] = []
  const initializers = new Map<string, Uint8Array>()
  const inputs: { name: string; columns: number | undefined }[] = []
  each(graph, {
    1: (reader) => void nodes.push(readOperator(reader.bytes())),
    5: (reader) => {
      const bytes = reader.bytes()
      each(bytes, { 8: (r) => void initializers.set(r.string(), bytes) })
    },
    11: (reader) => void inputs.push(readInput(reader.bytes())),
  })
  return { metadata, nodes, initializers, inputs }
}

export function hasAttribute(node: OnnxOperator, name: string): boolean {
  return node.attributes.has(name)
}

/** A list of whole numbers; undefined where there is none. */
export function intsOf(node: OnnxOperator, name: string): number[] | undefined {
  const bytes = node.attributes.get(name)
  if (!bytes) return undefined
  const found: number[] = []
  each(bytes, { 8: (reader, packed) => whole(reader, packed, () => void found.push(reader.int32())) })
  return found
}

/** Whole numbers of any size, as text. */
export function longsOf(node: OnnxOperator, name: string): string[] | undefined {
  const bytes = node.attributes.get(name)
  if (!bytes) return undefined
  const found: string[] = []
  each(bytes, { 8: (reader, packed) => whole(reader, packed, () => void found.push(String(reader.int64()))) })
  return found
}

/** A list of numbers, or a tensor of them where the name ends in '_as_tensor'. */
export function floatsOf(node: OnnxOperator, name: string): ArrayLike<number> | undefined {
  const plain = node.attributes.get(name)
  if (plain) {
    const found: number[] = []
    each(plain, { 7: (reader, packed) => whole(reader, packed, () => void found.push(reader.float())) })
    if (found.length > 0) return found
  }
  const wide = node.attributes.get(`${name}_as_tensor`)
  let tensor: ArrayLike<number> | undefined
  if (wide) each(wide, { 5: (reader) => void (tensor = readTensor(reader.bytes())) })
  return tensor
}

export function stringsOf(node: OnnxOperator, name: string): string[] | undefined {
  const bytes = node.attributes.get(name)
  if (!bytes) return undefined
  const found: string[] = []
  each(bytes, { 9: (reader) => void found.push(reader.string()) })
  return found
}

export function textOf(node: OnnxOperator, name: string): string | undefined {
  const bytes = node.attributes.get(name)
  let text: string | undefined
  if (bytes) each(bytes, { 4: (reader) => void (text = reader.string()) })
  return text
}

export function intOf(node: OnnxOperator, name: string): number | undefined {
  const bytes = node.attributes.get(name)
  let value: number | undefined
  if (bytes) each(bytes, { 3: (reader) => void (value = reader.int32()) })
  return value
}

function readOperator(bytes: Uint8Array): OnnxOperator {
  const node = { type: '', domain: '', inputs: [] as string[], outputs: [] as string[], attributes: new Map<string, Uint8Array>() }
  each(bytes, {
    1: (reader) => void node.inputs.push(reader.string()),
    2: (reader) => void node.outputs.push(reader.string()),
    4: (reader) => void (node.type = reader.string()),
    5: (reader) => {
      const attribute = reader.bytes()
      let name = ''
      each(attribute, { 1: (r) => void (name = r.string()) })
      node.attributes.set(name, attribute)
    },
    7: (reader) => void (node.domain = reader.string()),
  })
  return node
}

/** ValueInfoProto: name 1, type 2 > tensor_type 1 > shape 2 > dim 1 > dim_value 1. */
function readInput(bytes: Uint8Array): OnnxFile['inputs'][number] {
  let name = ''
  const dims: (number | undefined)[] = []
  each(bytes, {
    1: (reader) => void (name = reader.string()),
    2: (type) =>
      each(type.bytes(), {
        1: (tensor) =>
          each(tensor.bytes(), {
            2: (shape) =>
              each(shape.bytes(), {
                1: (dim) => {
                  let size: number | undefined
                  each(dim.bytes(), { 1: (reader) => void (size = reader.int32()) })
                  dims.push(size)
                },
              }),
          }),
      }),
  })
  return { name, columns: dims.length === 2 ? dims[1] : undefined }
}

const FLOAT = 1
const DOUBLE = 11

/** The numbers of a tensor. TensorProto: data_type 2, float_data 4, raw_data 9, double_data 10. @throws Error where they are not floats */
export function readTensor(bytes: Uint8Array): ArrayLike<number> {
  let type = 0
  let raw: Uint8Array | undefined
  const numbers: number[] = []
  each(bytes, {
    2: (reader) => void (type = reader.int32()),
    4: (reader, packed) => whole(reader, packed, () => void numbers.push(reader.float())),
    9: (reader) => void (raw = reader.bytes()),
    10: (reader, packed) => whole(reader, packed, () => void numbers.push(reader.double())),
  })
  if (type !== FLOAT && type !== DOUBLE) throw new Error(`a list of numbers is of type ${type}`)
  if (!raw) return numbers
  const size = type === FLOAT ? 4 : 8
  if (raw.length % size !== 0) throw new Error('a list of numbers ends in the middle of one')
  const copy = new Uint8Array(raw).buffer
  return type === FLOAT ? new Float32Array(copy) : new Float64Array(copy)
}

const LENGTH = 2

/** Visits the fields of a message; those that nobody asks for are passed over. */
function each(bytes: Uint8Array, visit: Readonly<Record<number, (reader: Reader, packed: boolean) => void>>): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const take = visit[tag >>> 3]
    if (take) take(reader, (tag & 7) === LENGTH)
    else reader.skipType(tag & 7)
  }
}

/** Repeated numbers come one by one, or all in a row. */
function whole(reader: Reader, packed: boolean, read: () => void): void {
  if (!packed) {
    read()
    return
  }
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new Error('a list of numbers is longer than the file')
  while (reader.pos < end) read()
}
