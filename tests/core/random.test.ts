import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Random, random } from '../../src/core/random.ts'
import fc from '../laws.ts'

const draw = (source: Random, count = 8) => Array.from({ length: count }, () => source.bits())
const seeds = fc.oneof(fc.integer(), fc.string())
const labels = fc.array(fc.oneof(fc.integer(), fc.string()), { minLength: 1, maxLength: 3 })

suite('random', () => {
  test('the same seed and labels give the same stream, whatever was drawn before', () => {
    fc.assert(
      fc.property(seeds, labels, fc.nat(20), (seed, path, before) => {
        const source = random(seed)
        for (let i = 0; i < before; i++) source.bits()
        assert.deepEqual(draw(source.fork(...path)), draw(random(seed).fork(...path)))
      }),
    )
  })

  test('other seeds and other labels give other streams', () => {
    const streams = [random(7), random(8), random('8x'), ...['a', 'b', 'ab', 1, '1'].map((label) => random(7).fork(label))]
    streams.push(random(7).fork('a', 'b'), random(7).fork('a').fork('c'), random(7).fork('c').fork('a'))
    const firsts = streams.map((stream) => draw(stream).join())
    assert.equal(new Set(firsts).size, firsts.length)
  })

  test('fill gives what bits gives, and goes on where it stood', () => {
    fc.assert(
      fc.property(seeds, fc.nat(50), (seed, length) => {
        const [one, other] = [random(seed), random(seed)]
        const filled = new Uint32Array(length)
        one.fill(filled)
        assert.deepEqual(
          [...filled, one.bits()],
          Array.from({ length: length + 1 }, () => other.bits()),
        )
      }),
    )
  })

  test('int(n) is in [0, n), and every value comes', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 - 1 }), (seed, n) => {
        const value = random(seed).int(n)
        assert.ok(Number.isInteger(value) && value >= 0 && value < n)
      }),
    )
    const source = random(1)
    assert.equal(new Set(Array.from({ length: 200 }, () => source.int(10))).size, 10)
  })

  test('uniform and normal have the moments they should have', () => {
    // 5 standard errors of the estimate: a fixed seed, so this cannot flake.
    const [source, count] = [random(3), 100_000]
    const moments = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
    }
    const uniform = moments(Array.from({ length: count }, () => source.uniform()))
    assert.ok(Math.abs(uniform.mean - 0.5) < 5 * Math.sqrt(1 / 12 / count), `${uniform.mean}`)
    assert.ok(Math.abs(uniform.variance - 1 / 12) < 5 * Math.sqrt(1 / 180 / count), `${uniform.variance}`)
    const normal = moments(Array.from({ length: count }, () => source.normal()))
    assert.ok(Math.abs(normal.mean) < 5 * Math.sqrt(1 / count), `${normal.mean}`)
    assert.ok(Math.abs(normal.variance - 1) < 5 * Math.sqrt(2 / count), `${normal.variance}`)
  })

  test('shuffle keeps the items, and puts each of them everywhere', () => {
    const source = random(5)
    const places = new Set<string>()
    for (let i = 0; i < 300; i++) {
      const items = source.shuffle([0, 1, 2, 3])
      assert.deepEqual(items.toSorted(), [0, 1, 2, 3])
      places.add(items.join())
    }
    assert.equal(places.size, 24)
  })
})
