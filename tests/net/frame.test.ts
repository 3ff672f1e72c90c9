import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Json } from '../../src/core/json.ts'
import { encodeFrame, type Frame, frameReader } from '../../src/net/frame.ts'
import { frame } from '../../src/net/testing/byHand.ts'
import fc from '../laws.ts'

const frames = fc.array(
  fc.record({
    kind: fc.constantFrom('message' as const, 'hello' as const, 'goodbye' as const),
    body: fc.jsonValue() as fc.Arbitrary<Json>,
    bytes: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined }),
  }),
  { maxLength: 8 },
)
const limit = 10_000

/** Pushes a stream in pieces; what was read until it ended or was no frame any more. */
function readAll(stream: Uint8Array, cuts: readonly number[], most = limit): { read: Frame[]; problem: string | undefined } {
  const read: Frame[] = []
  const reader = frameReader(most, (frame) => read.push(frame))
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
  try {
    for (const [i, from] of places.slice(0, -1).entries()) reader.push(stream.subarray(from, places[i + 1]))
  } catch (error) {
    return { read, problem: (error as Error).message }
  }
  return { read, problem: undefined }
}

suite('frames', () => {
  test('however the stream is cut, the same frames come out', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
        const own = sent.map(({ kind, body, bytes }) => ({ kind, body, bytes: kind === 'message' ? bytes : undefined }))
        const stream = Buffer.concat(own.map(({ kind, body, bytes }) => encodeFrame(kind, body, bytes, limit)))
        const { read, problem } = readAll(stream, cuts)
        assert.equal(problem, undefined)
        assert.deepStrictEqual(
          read.map(({ kind, body, bytes }) => ({ kind, body, bytes })),
          own,
        )
      }),
    )
  })

  test('byte by byte, too', () => {
    const stream = Buffer.concat([
      encodeFrame('message', { a: [1, Number.NaN] }, Uint8Array.of(1, 2, 3), limit),
      encodeFrame('goodbye', 'é', undefined, limit),
    ])
    const { read } = readAll(
      stream,
      Array.from(stream, (_, i) => i),
    )
    assert.deepStrictEqual(read, [
      { kind: 'message', body: { a: [1, Number.NaN] }, bytes: Uint8Array.of(1, 2, 3) },
      { kind: 'goodbye', body: 'é' },
    ])
  })

  test('they lie on the wire as described', () => {
    assert.deepEqual(encodeFrame('message', ['é'], undefined, limit), frame(1, '["é"]'))
    assert.deepEqual(encodeFrame('message', 12345678, Uint8Array.of(1, 2, 3), limit), frame(2, '12345678', Uint8Array.of(1, 2, 3)))
    assert.deepEqual(encodeFrame('message', null, new Uint8Array(), limit), frame(2, 'null'))
    assert.deepEqual(encodeFrame('hello', {}, undefined, limit), frame(3, '{}'))
  })

  test('what was changed on the way is read as some frames, or refused; never more than was sent, nor another way of failing', () => {
    const refusals = /^what arrived is no message|larger than the limit of 10000$/
    let refused = 0
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat()),
        (sent, changes, cuts) => {
          const stream = Buffer.concat(
            sent.map(({ kind, body, bytes }) => encodeFrame(kind, body, kind === 'message' ? bytes : undefined, limit)),
          )
          for (const [at, value] of changes) if (stream.length > 0) stream[at % stream.length] = value
          const { read, problem } = readAll(stream, cuts)
          assert.ok(read.length <= sent.length + 1)
          if (problem === undefined) return
          refused++
          assert.match(problem, refusals)
        },
      ),
    )
    assert.ok(refused > 10, `${refused} refused`)
  })

  test('the limit is of text and bytes together, and holds on both sides', () => {
    const text = '"1234"'
    for (const bytes of [0, 1, 94]) {
      assert.equal(readAll(frame(2, text, new Uint8Array(bytes)), [], 100).problem, undefined)
      encodeFrame('message', '1234', new Uint8Array(bytes), 100)
    }
    assert.match(readAll(frame(2, text, new Uint8Array(95)), [], 100).problem ?? '', /101 bytes is larger than the limit of 100/)
    assert.throws(() => encodeFrame('message', '1234', new Uint8Array(95), 100), { code: 'NET_MESSAGE' })
    assert.throws(() => encodeFrame('message', 'é'.repeat(50), undefined, 100), { code: 'NET_MESSAGE' })
  })
})
