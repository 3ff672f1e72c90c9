/** The IDX format of MNIST: big-endian header (type, sizes), then the numbers. http://yann.lecun.com/exdb/mnist */
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fail, failBecause } from '../../core/errors.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { placed } from '../settings.ts'

/**
 * Reads an idx file, compressed with gzip or not (told by its first bytes).
 *
 * @returns uint8, int32 (from 8 and 16 bits signed too), float32 or float64, with the file's sizes.
 * @throws FILE_MISSING; FILE_FORMAT when the magic number, the sizes or the length are wrong.
 */
export async function idx(path: string): Promise<Tensor> {
  return parseIdx(path, await inflated(path))
}

/** The content of a file, unpacked where it is gzip. */
export async function inflated(path: string): Promise<Buffer> {
  const bytes = await readFile(await placed(path)).catch((error) => {
    throw error.code === 'ENOENT' ? fail('FILE_MISSING', path, 'a file of data') : error
  })
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return promisify(gunzip)(bytes, { chunkSize: chunkFor(bytes) }).catch((error) => {
    throw failBecause(error, 'FILE_FORMAT', path, 'gzip', `${error.message} (was it cut short?)`)
  })
}

/** One chunk for all of it where the file's last four bytes tell a likely size: else megabytes are glued from pieces of 16 KiB. */
function chunkFor(bytes: Buffer): number {
  const told = bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4)
  // deflate packs at most 1032 times; a size beyond that is no size but damage.
  return told > bytes.length * 1032 ? 1 << 20 : Math.max(1 << 14, told + 1)
}

export function parseIdx(path: string, bytes: Buffer): Tensor {
  const wrong = (problem: string) => fail('FILE_FORMAT', path, 'idx', problem)
  if (bytes.length < 4) throw wrong(`it has ${bytes.length} bytes, too few for a header`)
  const [zero, zero2, type, dimensions] = bytes as unknown as [number, number, number, number]
  const kind = kinds[type]
  if (zero !== 0 || zero2 !== 0 || kind === undefined || dimensions === 0)
    throw wrong(`it begins with ${bytes.subarray(0, 4).toString('hex')}, not with an idx magic number such as 00000803`)
  const header = 4 + 4 * dimensions
  if (bytes.length < header) throw wrong(`its header of ${dimensions} sizes is cut short`)
  const shape = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i))
  const size = shape.reduce((product, n) => product * n, 1)
  const want = header + size * kind.bytes
  if (bytes.length !== want) throw wrong(`sizes [${shape.join(', ')}] need ${want} bytes, but it has ${bytes.length}`)
  const data = tensor(kind.dtype, shape, kind.dtype === 'uint8' ? new Uint8Array(bytes.buffer, bytes.byteOffset + header, size) : undefined)
  if (kind.dtype !== 'uint8') for (let i = 0; i < size; i++) data.data[i] = kind.read(bytes, header + i * kind.bytes)
  return data
}

interface Kind {
  readonly dtype: 'uint8' | 'int32' | 'float32' | 'float64'
  readonly bytes: number
  read(bytes: Buffer, at: number): number
}

const kinds: Readonly<Record<number, Kind>> = {
  8: { dtype: 'uint8', bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
  9: { dtype: 'int32', bytes: 1, read: (bytes, at) => bytes.readInt8(at) },
  11: { dtype: 'int32', bytes: 2, read: (bytes, at) => bytes.readInt16BE(at) },
  12: { dtype: 'int32', bytes: 4, read: (bytes, at) => bytes.readInt32BE(at) },
  13: { dtype: 'float32', bytes: 4, read: (bytes, at) => bytes.readFloatBE(at) },
  14: { dtype: 'float64', bytes: 8, read: (bytes, at) => bytes.readDoubleBE(at) },
}
