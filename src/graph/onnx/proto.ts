/**
 * ONNX models as protobuf, written with the wire-format writer of protobufjs: the messages of onnx.proto that a model
 * needs, by field number. Source: onnx/onnx.proto, IR version 10.
 */
import protobuf from 'protobufjs/minimal.js'
import { bytesOf } from '../../core/bytes.ts'
import { dtypes, type Tensor } from '../../tensor/index.ts'
import type { Dim } from '../dim.ts'
import type { TensorType } from '../op.ts'
import type { OnnxAttr } from './emitter.ts'
import { type LongInts, type LongWords, longAttribute } from './long.ts'

type Writer = protobuf.Writer

export interface OnnxNode {
  readonly type: string
  readonly domain: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: string[]
  readonly attrs: Readonly<Record<string, OnnxAttr>>
}

export interface OnnxModel {
  readonly graphName: string
  readonly producerVersion: string
  readonly opsets: Readonly<Record<string, number>>
  readonly nodes: readonly OnnxNode[]
  readonly initializers: Readonly<Record<string, Tensor>>
  readonly inputs: Readonly<Record<string, TensorType>>
  readonly outputs: Readonly<Record<string, TensorType>>
  readonly metadata: Readonly<Record<string, string>>
}

const IR_VERSION = 10
const LENGTH = 2 // wire type of strings, bytes and messages

export function encodeModel(model: OnnxModel): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(tag(1, 0)).int64(IR_VERSION)
  text(writer, 2, 'tutti')
  text(writer, 3, model.producerVersion)
  message(writer, 7, (graph) => writeGraph(graph, model))
  for (const [domain, version] of Object.entries(model.opsets)) {
    message(writer, 8, (opset) => {
      text(opset, 1, domain)
      opset.uint32(tag(2, 0)).int64(version)
    })
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, (entry) => {
      text(entry, 1, key)
      text(entry, 2, value)
    })
  }
  return writer.finish()
}

function writeGraph(writer: Writer, model: OnnxModel): void {
  for (const node of model.nodes) message(writer, 1, (w) => writeNode(w, node))
  text(writer, 2, model.graphName)
  for (const [name, value] of Object.entries(model.initializers)) message(writer, 5, (w) => writeTensor(w, value, name))
  for (const [name, type] of Object.entries(model.inputs)) message(writer, 11, (w) => writeValueInfo(w, name, type))
  for (const [name, type] of Object.entries(model.outputs)) message(writer, 12, (w) => writeValueInfo(w, name, type))
}

function writeNode(writer: Writer, node: OnnxNode): void {
  for (const name of node.inputs) writer.uint32(tag(1, LENGTH)).string(name)
  for (const name of node.outputs) writer.uint32(tag(2, LENGTH)).string(name)
  text(writer, 3, node.name)
  text(writer, 4, node.type)
  for (const [name, value] of Object.entries(node.attrs)) {
    if (isLong(value)) writer.uint32(tag(5, LENGTH)).bytes(longAttribute(name, value))
    else message(writer, 5, (w) => writeAttribute(w, name, value))
  }
  text(writer, 7, node.domain)
}

function isLong(value: OnnxAttr): value is LongInts | LongWords {
  return ArrayBuffer.isView(value) || (typeof value === 'object' && 'codes' in value)
}

/** AttributeProto; field 20 is its type: FLOAT 1, INT 2, STRING 3, TENSOR 4, FLOATS 6, INTS 7. */
function writeAttribute(writer: Writer, name: string, value: Exclude<OnnxAttr, LongInts | LongWords>): void {
  text(writer, 1, name)
  const type = (number: number) => writer.uint32(tag(20, 0)).int32(number)
  if (typeof value === 'number') {
    writer.uint32(tag(3, 0)).int64(value)
    type(2)
  } else if (typeof value === 'string') {
    writer.uint32(tag(4, LENGTH)).string(value)
    type(3)
  } else if ('float' in value) {
    writer.uint32(tag(2, 5)).float(value.float)
    type(1)
  } else if ('floats' in value) {
    for (const x of value.floats) writer.uint32(tag(7, 5)).float(x)
    type(6)
  } else if ('tensor' in value) {
    message(writer, 5, (w) => writeTensor(w, value.tensor, ''))
    type(4)
  } else {
    for (const x of value) writer.uint32(tag(8, 0)).int64(x)
    type(7)
  }
}

function writeTensor(writer: Writer, value: Tensor, name: string): void {
  for (const dim of value.shape) writer.uint32(tag(1, 0)).int64(dim)
  writer.uint32(tag(2, 0)).int32(dtypes[value.dtype].onnx)
  text(writer, 8, name)
  writer.uint32(tag(9, LENGTH)).bytes(bytesOf(value.data))
}

function writeValueInfo(writer: Writer, name: string, { dtype, shape }: TensorType): void {
  text(writer, 1, name)
  message(writer, 2, (type) =>
    message(type, 1, (tensorType) => {
      tensorType.uint32(tag(1, 0)).int32(dtypes[dtype].onnx)
      message(tensorType, 2, (w) => {
        for (const dim of shape) message(w, 1, (d) => writeDim(d, dim))
      })
    }),
  )
}

function writeDim(writer: Writer, dim: Dim): void {
  if (typeof dim === 'number') writer.uint32(tag(1, 0)).int64(dim)
  else text(writer, 2, dim)
}

function message(writer: Writer, field: number, write: (writer: Writer) => void): void {
  writer.uint32(tag(field, LENGTH)).fork()
  write(writer)
  writer.ldelim()
}

function text(writer: Writer, field: number, value: string): void {
  if (value !== '') writer.uint32(tag(field, LENGTH)).string(value)
}

function tag(field: number, wireType: number): number {
  return ((field << 3) | wireType) >>> 0
}
