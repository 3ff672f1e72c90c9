/** Reads what an ONNX file says of itself; its runtime does not tell. */
import protobuf from 'protobufjs/minimal.js'
import { fail, messageOf } from '../core/errors.ts'

/** ModelProto.metadata_props, a repeated StringStringEntryProto { key = 1; value = 2 }. Source: onnx.proto3. */
const METADATA_PROPS = 14

/** The metadata of a model: names to text. The rest of the file is passed over. @throws FILE_CORRUPT */
export function onnxMetadata(bytes: Uint8Array, file: string): Record<string, string> {
  const found: Record<string, string> = {}
  try {
    const reader = protobuf.Reader.create(bytes)
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag >>> 3 !== METADATA_PROPS) {
        reader.skipType(tag & 7)
        continue
      }
      const end = reader.uint32() + reader.pos
      let key = ''
      let value = ''
      while (reader.pos < end) {
        const field = reader.uint32()
        if (field >>> 3 === 1) key = reader.string()
        else if (field >>> 3 === 2) value = reader.string()
        else reader.skipType(field & 7)
      }
      found[key] = value
    }
  } catch (error) {
    throw fail('FILE_CORRUPT', file, `it is not an ONNX model (${messageOf(error)})`)
  }
  return found
}
