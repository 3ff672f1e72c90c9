import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { sorted } from '../../../src/hpo/pruners/sorted.ts'
import fc from '../../laws.ts'

const byNumber = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0)

suite('sorted values', () => {
  test('do as a sorted array does', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('add', 'add', 'delete'), value), { maxLength: 60 }), (steps) => {
        const values = sorted(byNumber)
        const model: number[] = []
        for (const [what, value] of steps) {
          if (what === 'add') {
            values.add(value)
            model.push(value)
            model.sort(byNumber)
          } else {
            const at = model.indexOf(value)
            assert.equal(values.delete(value), at >= 0)
            if (at >= 0) model.splice(at, 1)
          }
          assert.deepEqual([...values], model)
          assert.equal(values.size, model.length)
          assert.equal(values.rank(value), model.filter((other) => other < value).length)
          for (let i = 0; i <= model.length; i++) assert.equal(values.at(i), model[i])
        }
      }),
    )
  })

  test('also when there are many blocks of them', () => {
    const chance = random(1)
    const values = sorted(byNumber)
    const all = Array.from({ length: 5000 }, () => chance.uniform())
    for (const value of all) values.add(value)
    const gone = new Set(all.filter((_, i) => i % 3 === 0))
    for (const value of gone) assert.ok(values.delete(value))
    const model = all.filter((value) => !gone.has(value)).sort(byNumber)
    assert.deepEqual([...values], model)
    for (let i = 0; i < model.length; i += 97) {
      assert.equal(values.at(i), model[i])
      assert.equal(values.rank(model[i]!), i)
    }
    assert.equal(values.at(model.length), undefined)
    assert.equal(values.rank(2), model.length)
  })
})
