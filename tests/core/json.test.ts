import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { fromText, toText } from '../../src/core/json.ts'
import fc from '../laws.ts'

const { json } = fc.letrec((tie) => ({
  number: fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY)),
  key: fc.oneof(fc.string(), fc.constantFrom('$number', '$$number', '__proto__', '$numbers')),
  json: fc.oneof(
    { maxDepth: 4 },
    tie('number'),
    fc.string(),
    fc.constantFrom(null, true, '$number', 'NaN'),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(tie('key') as fc.Arbitrary<string>, tie('json')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

suite('json', () => {
  test('comes back as it was: every number, every key', () => {
    fc.assert(fc.property(json, (value) => assert.deepStrictEqual(fromText(toText(value)), value)))
  })

  test('is JSON as JSON is, where no number needs more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('$number') && isDeepStrictEqual(JSON.parse(text), value))
        assert.equal(toText(value), text)
      }),
    )
    assert.equal(
      toText({ a: [1, 'x', null, undefined], b: undefined, c: new Date(0) }),
      '{"a":[1,"x",null,null],"c":"1970-01-01T00:00:00.000Z"}',
    )
    assert.equal(toText(undefined), 'null')
  })

  test('what is no plain data is refused', () => {
    const self: { self?: unknown } = {}
    self.self = self
    for (const bad of [1n, self, [self]]) assert.throws(() => toText(bad), TypeError)
    assert.throws(() => fromText('{"a":'), SyntaxError)
  })
})
