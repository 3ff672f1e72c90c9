import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { lastWords } from '../../src/cluster/output.ts'
import fc from '../laws.ts'

suite('last words', () => {
  test('all text is passed on, in whole lines, however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant('\n'), fc.constant('é\n'))), (pieces) => {
        const passed: string[] = []
        const words = lastWords((text) => passed.push(text))
        for (const piece of pieces) words.hear(piece)
        words.flush()
        const all = pieces.join('')
        assert.equal(passed.join(''), all === '' || all.endsWith('\n') ? all : `${all}\n`)
        assert.ok(passed.every((text) => text.endsWith('\n')))
      }),
    )
  })

  test('a line without end is not kept for ever, and only the last lines are', () => {
    let passed = 0
    const words = lastWords((text) => (passed += text.length))
    words.hear('x'.repeat(100_000))
    assert.equal(passed, 100_000)
    for (let i = 0; i < 1000; i++) words.hear(`line ${i}\n`)
    assert.equal(words.text.split('\n').length, 40)
    assert.ok(words.text.endsWith('line 999'))
  })

  test('the telling line is the last that names an error, else the last', () => {
    const telling = (text: string) => {
      const words = lastWords(() => undefined)
      words.hear(text)
      words.flush()
      return words.telling
    }
    assert.equal(telling(''), undefined)
    assert.equal(telling('one\n  two  \n\n'), 'two')
    assert.equal(telling('Error: first\nRangeError: second\n    at somewhere\n\nNode.js v24\n'), 'RangeError: second')
    assert.equal(telling('\n<--- GCs --->\nFATAL ERROR: heap\n-----\n 1: 0xb7\n'), 'FATAL ERROR: heap')
  })
})
