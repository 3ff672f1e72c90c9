import { type ArrayOf, type DType, dtypes } from './dtype.ts'

/**
 * Bytes read as numbers of a dtype: the same memory where it is aligned, a copy otherwise. Their length must be a
 * multiple of the dtype's. Little endian, as every machine is that Node's builds run on.
 */
export function numbersOf<D extends DType>(dtype: D, bytes: Uint8Array): ArrayOf<D> {
  const width = dtypes[dtype].bytes
  const Numbers = dtypes[dtype].array as unknown as new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayOf<D>
  const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
  return new Numbers(buffer, byteOffset, length / width)
}
