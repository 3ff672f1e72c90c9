/** Tensors for property tests: any dtype, any bits, up to four dimensions, zero sizes and scalars included. */

import { type DType, dtypes, sizeOf, type Tensor } from '../../src/tensor/index.ts'
import fc from '../laws.ts'

export const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(dtypes) as DType[])), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = sizeOf(shape) * dtypes[dtype].bytes
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const Numbers = dtypes[dtype].array as unknown as new (buffer: ArrayBufferLike) => Tensor['data']
      return { dtype, shape, data: new Numbers(bytes.slice().buffer) }
    })
  })

/** The same bytes, beginning at an odd place in memory. */
export function misaligned(bytes: Uint8Array): Uint8Array {
  const memory = new Uint8Array(bytes.length + 1)
  memory.set(bytes, 1)
  return memory.subarray(1)
}
