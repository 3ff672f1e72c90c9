import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bytesOf } from '../../src/core/bytes.ts'
import { npy, type Tensor, tensor } from '../../src/tensor/index.ts'
import fc from '../laws.ts'
import { anyTensor, misaligned } from './arbitrary.ts'
import { arrays, golden } from './golden.ts'

const bits = ({ dtype, shape, data }: Tensor) => ({ dtype, shape, bytes: [...bytesOf(data)] })
/** NumPy's file with a part of its header replaced, and as long as before. */
const edited = (from: string, to: string) => {
  const text = Buffer.from(golden('float32.npy')).toString('latin1')
  assert.ok(text.includes(from) && to.length === from.length)
  return new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'))
}

suite('npy', () => {
  for (const [name, array] of Object.entries(arrays)) {
    test(`${name}: NumPy's file is read, and written again byte for byte`, () => {
      const file = golden(`${name}.npy`)
      assert.deepEqual(bits(npy.decode(file)), bits(array))
      assert.deepEqual(Buffer.from(npy.encode(array)), Buffer.from(file))
    })
  }

  test('version 2 is read', () => {
    assert.deepEqual(bits(npy.decode(golden('version2.npy'))), bits(arrays.float32 as Tensor))
  })

  test('a header too long for version 1 is written as version 2', () => {
    const long = tensor('uint8', new Array(30_000).fill(1))
    const bytes = npy.encode(long)
    assert.equal(bytes[6], 2)
    assert.deepEqual(bits(npy.decode(bytes)), bits(long))
  })

  test('decode(encode(x)) is x to the bit, from any place in memory', () => {
    fc.assert(
      fc.property(anyTensor, (array) => {
        const bytes = npy.encode(array)
        assert.deepEqual(bits(npy.decode(bytes)), bits(array))
        assert.deepEqual(bits(npy.decode(misaligned(bytes))), bits(array))
      }),
    )
  })

  const refused: [what: string, bytes: Uint8Array, code: string, words: RegExp][] = [
    ['text', new TextEncoder().encode('a,b,c\n1,2,3\n4,5,6\n'), 'FILE_CORRUPT', /a\.npy .*does not begin as NumPy files do/],
    ['a cut header', golden('float32.npy').subarray(0, 40), 'FILE_CORRUPT', /header ends at byte 128, and the file has 40/],
    ['cut data', golden('float32.npy').subarray(0, 140), 'FILE_CORRUPT', /needs 24 bytes of data and the file has 12/],
    ['a header of another kind', edited('descr', 'dtype'), 'FILE_CORRUPT', /does not name descr/],
    ['a shape that is too large', edited('(2, 3), }', '(2, 333)}'), 'FILE_CORRUPT', /needs 2664 bytes/],
    ['a shape that is not one', edited('(2, 3)', '(2  3)'), 'FILE_CORRUPT', /needs/],
    ['Fortran order', golden('fortran.npy'), 'FILE_UNSUPPORTED', /Fortran order.*ascontiguousarray/],
    ['big endian', golden('bigendian.npy'), 'FILE_UNSUPPORTED', /dtype >f4.*astype/],
    ['named fields', edited("'<f4'", "[('a'"), 'FILE_UNSUPPORTED', /named fields/],
  ]
  for (const [what, bytes, code, words] of refused) {
    test(`refuses ${what}`, () => assert.throws(() => npy.decode(bytes, 'a.npy'), { code, message: words }))
  }
})
