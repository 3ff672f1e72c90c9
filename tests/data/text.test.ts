import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { vocabulary, vocabularyOf, windows } from '../../src/data/index.ts'
import fc from '../laws.ts'
import { says, valuesOf } from './helpers.ts'

test('characters: decode undoes encode', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const v = vocabulary([text], { level: 'character' })
      assert.equal(v.decode(v.encode(text)), text)
      assert.equal(v.size, new Set(text).size)
      assert.deepEqual(vocabularyOf(JSON.parse(JSON.stringify(v.spec))).encode(text), v.encode(text))
    }),
  )
  assert.throws(() => vocabulary(['abc'], { level: 'character' }).encode('abd'), says('TOKEN_UNKNOWN', '"d"', '3 tokens'))
  assert.deepEqual([...vocabulary(['abc'], { level: 'character', special: true }).encode('ad')], [2, 1])
})

test('words: most frequent first, unknown and padding have numbers of their own', () => {
  const v = vocabulary(["The cat. The dog's hat!", 'the cat'], {})
  assert.deepEqual(v.tokens, ['<pad>', '<unk>', 'the', 'cat', '!', '.', "dog's", 'hat'])
  assert.deepEqual([...v.encode('The cow', 4)], [2, 1, 0, 0])
  assert.deepEqual([...v.encode('the the the', 2)], [2, 2])
  assert.equal(v.decode([2, 3, 0]), 'the cat')
  assert.deepEqual(vocabulary(['a b b c c c'], { size: 4 }).tokens, ['<pad>', '<unk>', 'c', 'b'])
  assert.deepEqual(vocabulary(['a b b c c c'], { minCount: 3 }).tokens, ['<pad>', '<unk>', 'c'])
  const masked = vocabulary(['call 0800 now'], { maskDigits: true })
  assert.deepEqual([...masked.encode('call 1234')], [...masked.encode('call 0800')])
})

test('windows: y is x one token later; side by side without chance, anywhere with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 300 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (size, context, batchSize) => {
        fc.pre(size > context)
        const set = windows(
          Int32Array.from({ length: size }, (_, i) => i),
          { context },
        )
        const x = (await valuesOf(set, 'x', { batchSize })).flat()
        assert.deepEqual(
          x,
          Array.from({ length: set.length * context }, (_, i) => i),
        )
        assert.equal(set.length, Math.floor((size - 1) / context))
        const options = () => ({ batchSize, shuffle: random(size) })
        const shuffled = await valuesOf(set, 'x', options())
        assert.deepEqual(
          (await valuesOf(set, 'y', options())).flat(),
          shuffled.flat().map((token) => token + 1),
        )
        assert.deepEqual(await valuesOf(set, 'x', { ...options(), skip: 2 }), shuffled.slice(2))
      },
    ),
  )
  const starts = new Set(
    (
      await valuesOf(
        windows(
          new Int32Array(12).map((_, i) => i),
          { context: 4, length: 400 },
        ),
        'x',
        { batchSize: 1, shuffle: random(0) },
      )
    ).map(([first]) => first),
  )
  assert.deepEqual(
    [...starts].sort((a, b) => Number(a) - Number(b)),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
  assert.throws(() => windows(new Int32Array(4), { context: 4 }), says('NO_ROWS', '4 tokens'))
})
