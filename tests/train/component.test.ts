/** Components of one's own: what is gone in one run is gone there and nowhere else. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { component, runWithout } from '../../src/train/index.ts'
import fc from '../laws.ts'

const isGone = (name: string) => component(name, (without) => without)

suite('component', () => {
  test('outside an ablation nothing is gone, and what is chosen is what is given', () => {
    assert.equal(isGone('augmentation'), false)
    const made = { kind: 'anything' }
    assert.equal(
      component('a', () => made),
      made,
    )
    assert.throws(
      () =>
        component('a', () => {
          throw new RangeError('mine')
        }),
      RangeError,
    )
  })

  test('names are letters, digits, dot, underscore, dash', () => {
    for (const name of ['a', 'Aug-2', 'block.1_b']) assert.equal(isGone(name), false)
    for (const name of ['', 'a b', 'a*', 'a+b', 'own:a', 'ä'])
      assert.throws(() => isGone(name), { code: 'COMPONENT_NAME', message: new RegExp(`'${name.replace(/[*+]/g, '\\$&')}'`) })
    assert.throws(() => component(3 as unknown as string, () => 0), { code: 'COMPONENT_NAME' })
  })

  test('exactly the named ones are gone, also by a common beginning; all that are met are told', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-c.]{1,3}$/), { maxLength: 12 })
    fc.assert(
      fc.property(names, names, fc.boolean(), (met, gone, prefix) => {
        const without = new Set(prefix ? gone.map((name) => `${name}*`) : gone)
        const told = new Set<string>()
        const found = runWithout(without, () => met.map(isGone), told)
        const want = met.map((name) => gone.some((one) => (prefix ? name.startsWith(one) : name === one)))
        assert.deepEqual(found, want)
        assert.deepEqual([...told], met)
      }),
    )
    assert.equal(isGone('a'), false, 'gone for good')
  })

  test('a run within a run: what is gone round it stays gone, and both are told', () => {
    const [outer, inner] = [new Set<string>(), new Set<string>()]
    const found = runWithout(
      new Set(['a']),
      () => [isGone('b'), runWithout(new Set(['b']), () => [isGone('a'), isGone('b'), isGone('c')], inner), isGone('b')],
      outer,
    )
    assert.deepEqual(found, [false, [true, true, false], false])
    assert.deepEqual([[...outer].sort(), [...inner].sort()], [['a', 'b', 'c'], ['a', 'b', 'c']]) // biome-ignore format: one line
  })

  test('runs that wait on each other in one process do not mix, nor do loops over what they make', async () => {
    async function* epochs(name: string) {
      for (let i = 0; i < 5; i++) {
        await setImmediate()
        yield isGone(name)
      }
    }
    const run = (name: string, met: Set<string>) =>
      runWithout(
        new Set([name]),
        async () => {
          const seen: boolean[] = []
          for await (const gone of epochs('a')) {
            await setImmediate()
            seen.push(gone, isGone('b'))
          }
          return seen
        },
        met,
      )
    const [first, second] = [new Set<string>(), new Set<string>()]
    const [a, b] = await Promise.all([run('a', first), run('b', second)])
    assert.deepEqual(
      a,
      Array.from({ length: 10 }, (_, i) => i % 2 === 0),
    )
    assert.deepEqual(
      b,
      Array.from({ length: 10 }, (_, i) => i % 2 === 1),
    )
    assert.deepEqual([[...first], [...second]], [['a', 'b'], ['a', 'b']]) // biome-ignore format: one line
  })
})
