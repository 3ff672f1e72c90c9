/**
 * Safetensors, the format weights have on disk and on the wire: the header's length (8 bytes, little endian), a JSON
 * header, the numbers one after another. Nothing in a file is trusted: every length, name and offset is checked before
 * any memory is taken for it.
 *
 * Source: https://huggingface.co/docs/safetensors, "Format".
 */
import { bytesOf } from '../core/bytes.ts'
import { fail } from '../core/errors.ts'
import { type DType, dtypes } from './dtype.ts'
import type { Tensor } from './tensor.ts'
import { numbersOf } from './views.ts'

export interface Safetensors {
  readonly tensors: Record<string, Tensor>
  readonly metadata: Record<string, string>
}

/** The reference implementation's limit too: a header is a list of names, not a place for data. */
const longestHeader = 100_000_000
const reserved = '__metadata__'

/**
 * Tensors as one file's bytes. Equal tensors give equal bytes, whatever the order of the names: wide dtypes come first,
 * so that every tensor is aligned to its own element size, and names are sorted within a dtype's width.
 *
 * @throws BAD_OPTION for a tensor named `__metadata__`.
 * @example
 * ```ts
 * const bytes = safetensors.encode({ weight: tensor('float32', [2], [1, 2]) }, { step: '100' })
 * ```
 */
export function encode(tensors: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  if (Object.hasOwn(tensors, reserved)) throw fail('BAD_OPTION', 'safetensors.encode', 'tensors', reserved, 'a name that is not reserved')
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => dtypes[y.dtype].bytes - dtypes[x.dtype].bytes || (a < b ? -1 : a > b ? 1 : 0),
  )
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[reserved, metadata]] : []
  let length = 0
  for (const [name, { dtype, shape, data }] of entries) {
    header.push([name, { dtype: dtypes[dtype].safetensors, shape, data_offsets: [length, length + data.byteLength] }])
    length += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const start = 8 + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.fill(0x20, 8, start).set(text, 8)
  let offset = start
  for (const [, { data }] of entries) {
    bytes.set(bytesOf(data), offset)
    offset += data.byteLength
  }
  return bytes
}

/**
 * The tensors of a file. They are views of its memory where alignment allows, copies otherwise.
 *
 * @param file how errors call it.
 * @throws FILE_CORRUPT when anything in it does not hold; FILE_UNSUPPORTED for a dtype tutti has not.
 * @example `const { tensors } = safetensors.decode(await readFile('model.safetensors'), 'model.safetensors')`
 */
export function decode(bytes: Uint8Array, file = 'The safetensors file'): Safetensors {
  const corrupt = (problem: string) => fail('FILE_CORRUPT', file, problem)
  if (bytes.length < 8) throw corrupt(`it has ${bytes.length} bytes, and its first 8 should be the length of its header`)
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  if (headerLength > longestHeader) throw corrupt(`its header claims ${headerLength} bytes, and ${longestHeader} is the limit`)
  if (headerLength > bytes.length - 8) throw corrupt(`its header claims ${headerLength} bytes, and the file has ${bytes.length}`)

  const header = parse(bytes.subarray(8, 8 + headerLength), corrupt)
  const data = bytes.subarray(8 + headerLength)
  const metadata = metadataOf(header.get(reserved), corrupt)
  header.delete(reserved)

  const entries = [...header].map(([name, value]) => entryOf(name, value, file, corrupt))
  let offset = 0
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== offset) throw corrupt(`tensor '${name}' begins at byte ${begin} of the data, and ${offset} is where the one before ends`)
    if (end > data.length) throw corrupt(`tensor '${name}' ends at byte ${end} of the data, which has ${data.length}`)
    offset = end
  }
  if (offset !== data.length) throw corrupt(`its tensors end at byte ${offset} of the data, which has ${data.length}`)
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype, shape, data: numbersOf(dtype, data.subarray(begin, end)) },
  ])
  return { tensors: Object.fromEntries(tensors), metadata }
}

type Corrupt = (problem: string) => Error
interface Entry {
  name: string
  dtype: DType
  shape: number[]
  begin: number
  end: number
}

const dtypeOf = new Map<string, DType>((Object.keys(dtypes) as DType[]).map((dtype) => [dtypes[dtype].safetensors, dtype]))
/** Of the format, but without a typed array in JavaScript. */
const foreign = /^(F16|BF16|F8_\w+|I8|I16|U16|U32|U64|C64)$/

function parse(text: Uint8Array, corrupt: Corrupt): Map<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
    if (isObject(header)) return new Map(Object.entries(header))
  } catch {}
  throw corrupt('its header is not a JSON object')
}

function metadataOf(value: unknown, corrupt: Corrupt): Record<string, string> {
  if (value === undefined) return {}
  if (!isObject(value) || Object.values(value).some((entry) => typeof entry !== 'string'))
    throw corrupt(`its ${reserved} is not text by name`)
  return value as Record<string, string>
}

function entryOf(name: string, value: unknown, file: string, corrupt: Corrupt): Entry {
  const wrong = (what: string) => corrupt(`tensor '${name}' ${what}`)
  if (!isObject(value)) throw wrong('is not described by an object')
  const { dtype: code, shape, data_offsets: offsets } = value
  const dtype = dtypeOf.get(code as string)
  if (dtype === undefined && foreign.test(String(code)))
    throw fail(
      'FILE_UNSUPPORTED',
      file,
      `tensor '${name}' of dtype ${code}`,
      `Convert it to one of ${[...dtypeOf.keys()].join(', ')} first`,
    )
  if (dtype === undefined) throw wrong(`has the dtype ${JSON.stringify(code)}, which does not exist`)
  if (!isListOfSizes(shape)) throw wrong('has a shape that is not a list of sizes')
  if (!isListOfSizes(offsets) || offsets.length !== 2) throw wrong('has data_offsets that are not two numbers')
  const [begin, end] = offsets as [number, number]
  // Sizes are safe integers and at most a few dozen; a product that overflows is not equal to a real length.
  const size = shape.reduce((product, dimension) => product * dimension, dtypes[dtype].bytes)
  if (end - begin !== size) throw wrong(`[${shape.join(', ')}] of ${code} needs ${size} bytes and has ${end - begin}`)
  return { name, dtype, shape, begin, end }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOfSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0)
}
