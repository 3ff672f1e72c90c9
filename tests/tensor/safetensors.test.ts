import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bytesOf } from '../../src/core/bytes.ts'
import { safetensors, type Tensor, tensor } from '../../src/tensor/index.ts'
import fc from '../laws.ts'
import { anyTensor, misaligned } from './arbitrary.ts'
import { arrays, golden } from './golden.ts'

const bits = (tensors: Record<string, Tensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { dtype, shape, bytes: [...bytesOf(data)] }]))

/** A file of a header as given, and so many bytes of data. */
function file(header: unknown, data = 0): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header)
  const bytes = new Uint8Array(8 + text.length + data)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(new TextEncoder().encode(text), 8)
  return bytes
}
const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] })

suite('safetensors', () => {
  test('reads what the reference implementation wrote', () => {
    const { tensors, metadata } = safetensors.decode(golden('all.safetensors'))
    assert.deepEqual(bits(tensors), bits(arrays))
    assert.deepEqual(metadata, { 'made by': 'safetensors', é: '✓' })
  })

  test('decode(encode(x)) is x to the bit, from any place in memory', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'é')).filter((name) => name !== '__metadata__')
    const anyTensors = fc.array(fc.tuple(names, anyTensor), { maxLength: 5 }).map((entries) => Object.fromEntries(entries))
    const anyMetadata = fc.dictionary(fc.string(), fc.string())
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const bytes = safetensors.encode(tensors, metadata)
        for (const place of [bytes, misaligned(bytes)]) {
          const back = safetensors.decode(place)
          assert.deepEqual(bits(back.tensors), bits(tensors))
          assert.deepEqual({ ...back.metadata }, { ...metadata })
        }
      }),
    )
  })

  test('the data begins at a multiple of 8 and aligned tensors are views', () => {
    const bytes = safetensors.encode({ a: tensor('uint8', [1]), b: tensor('float32', [3], [1, 2, 3]), c: tensor('float64', [1]) })
    const { tensors } = safetensors.decode(bytes)
    for (const { data } of Object.values(tensors)) assert.equal(data.buffer, bytes.buffer)
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
    assert.equal(start % 8, 0)
    assert.equal(tensors.c?.data.byteOffset, start)
  })

  test('the order of names does not change the bytes', () => {
    const { float32, uint8, int64 } = arrays as Record<string, Tensor>
    assert.deepEqual(
      safetensors.encode({ float32, uint8, int64 } as Record<string, Tensor>),
      safetensors.encode({ int64, float32, uint8 } as Record<string, Tensor>),
    )
  })

  const refused: [what: string, bytes: Uint8Array, words: RegExp][] = [
    ['an empty file', new Uint8Array(0), /has 0 bytes/],
    ['a header longer than the file', file({}).fill(9, 0, 1), /claims 9 bytes, and the file has 10/],
    ['a header over the limit', new Uint8Array(16).fill(255, 0, 8), /100000000 is the limit/],
    ['a header that is not JSON', file('{"a":'), /not a JSON object/],
    ['a header that is a list', file([]), /not a JSON object/],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }), /__metadata__ is not text/],
    ['an unknown dtype', file({ a: { ...f32([1], 0, 4), dtype: 'toString' } }, 4), /'a' has the dtype "toString"/],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), /shape that is not a list of sizes/],
    ['a fractional offset', file({ a: f32([1], 0.5, 4.5) }, 4), /not two numbers/],
    ['offsets as text', file({ a: f32([1], '0', '4') }, 4), /not two numbers/],
    ['fewer bytes than the shape needs', file({ a: f32([2], 0, 4) }, 4), /needs 8 bytes and has 4/],
    ['a shape that overflows', file({ a: f32([2 ** 52, 2 ** 52, 2 ** 52], 0, 4) }, 4), /needs .* and has 4/],
    ['an end before its beginning', file({ a: f32([1], 4, 0) }, 4), /needs 4 bytes and has -4/],
    ['data out of bounds', file({ a: f32([2], 0, 8) }, 4), /ends at byte 8 of the data, which has 4/],
    ['overlapping tensors', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), /'b' begins at byte 4/],
    ['a hole', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /'b' begins at byte 8/],
    ['data nobody names', file({ a: f32([1], 0, 4) }, 5), /end at byte 4 of the data, which has 5/],
  ]
  for (const [what, bytes, words] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(() => safetensors.decode(bytes, 'w.safetensors'), { code: 'FILE_CORRUPT', message: words })
    })
  }

  test('names a dtype it does not read, and what to do', () => {
    assert.throws(() => safetensors.decode(golden('half.safetensors')), {
      code: 'FILE_UNSUPPORTED',
      message: /'half' of dtype F16.*Convert/,
    })
  })

  test('damage anywhere is either refused or a file of the same size: never another error', () => {
    const whole = safetensors.encode({ a: tensor('float32', [2, 2]), b: tensor('uint8', [3]) }, { k: 'v' })
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const bytes = whole.slice(0, Math.max(length, at + 1))
        bytes[at] = value
        try {
          safetensors.decode(bytes)
        } catch (error) {
          assert.match((error as { code: string }).code, /^FILE_/)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a tensor cannot take the name of the metadata', () => {
    assert.throws(() => safetensors.encode({ __metadata__: tensor('uint8', [1]) }), { code: 'BAD_OPTION' })
  })
})
