import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import * as nn from '../../src/nn/index.ts'
import { type Initializer, initialize, initializers, inputsOf, traceModel } from '../../src/nn/index.ts'
import fc from '../laws.ts'

const all: Record<keyof typeof initializers, Initializer> = {
  constant: initializers.constant({ value: 0.5 }),
  glorotNormal: initializers.glorotNormal(),
  glorotUniform: initializers.glorotUniform(),
  heNormal: initializers.heNormal(),
  heUniform: initializers.heUniform(),
  identity: initializers.identity(),
  lecunNormal: initializers.lecunNormal(),
  lecunUniform: initializers.lecunUniform(),
  normal: initializers.normal({ mean: 1, deviation: 0.5 }),
  ones: initializers.ones(),
  orthogonal: initializers.orthogonal(),
  truncatedNormal: initializers.truncatedNormal({ deviation: 0.5 }),
  uniform: initializers.uniform({ low: -1, high: 3 }),
  zeros: initializers.zeros(),
}

function fill(initializer: Initializer, shape: readonly number[], seed = 1): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(Number.NaN)
  initializer.fill(values, shape, random(seed))
  return values
}

describe('laws of every initializer', () => {
  for (const [kind, initializer] of Object.entries(all)) {
    test(`${kind}: fills all, the same for the same seed, and is called by its name`, () => {
      assert.equal(initializer.kind, kind)
      const values = fill(initializer, [20, 30])
      assert.ok(values.every(Number.isFinite))
      assert.deepEqual(fill(initializer, [20, 30]), values)
      const fixed = ['constant', 'ones', 'zeros', 'identity'].includes(kind)
      assert.equal(fill(initializer, [20, 30], 2).join() === values.join(), fixed)
    })
  }
})

describe('moments', () => {
  // [in, out] = [200, 300]; a kernel [out, in, 3, 3] of 40 and 30 has fans 270 and 360.
  const cases: [Initializer, number[], mean: number, variance: number][] = [
    [all.glorotUniform, [200, 300], 0, 2 / 500],
    [all.glorotNormal, [200, 300], 0, 2 / 500],
    [all.heUniform, [200, 300], 0, 2 / 200],
    [all.heNormal, [200, 300], 0, 2 / 200],
    [all.lecunUniform, [200, 300], 0, 1 / 200],
    [all.lecunNormal, [200, 300], 0, 1 / 200],
    [all.glorotUniform, [40, 30, 3, 3], 0, 2 / 630],
    [all.heNormal, [40, 30, 3, 3], 0, 2 / 270],
    [all.uniform, [200, 300], 1, 16 / 12],
    [all.normal, [200, 300], 1, 0.25],
    [all.truncatedNormal, [200, 300], 0, (0.5 * 0.8796) ** 2],
  ]
  for (const [initializer, shape, mean, variance] of cases) {
    test(`${initializer.kind} [${shape}]: mean ${mean}, variance ${variance.toFixed(5)}`, () => {
      const values = Array.from(fill(initializer, shape))
      const n = values.length
      const m = values.reduce((a, b) => a + b) / n
      const v = values.reduce((total, x) => total + (x - m) ** 2, 0) / n
      // Six standard errors; a variance's own deviation is at most sqrt(2 / n) of it for these distributions.
      assert.ok(Math.abs(m - mean) < 6 * Math.sqrt(variance / n), `mean ${m}`)
      assert.ok(Math.abs(v / variance - 1) < 6 * Math.sqrt(2 / n), `variance ${v}`)
    })
  }

  test('truncatedNormal stays within two deviations, uniform within its ends', () => {
    assert.ok(fill(all.truncatedNormal, [5000]).every((x) => Math.abs(x) <= 1))
    assert.ok(fill(all.uniform, [5000]).every((x) => x >= -1 && x < 3))
  })
})

describe('orthogonal and identity', () => {
  test('columns, or rows where there are fewer, are orthonormal', () => {
    const size = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(size, size, fc.nat(99), (rows, columns, seed) => {
        const q = fill(all.orthogonal, [rows, columns], seed)
        const at = (i: number, j: number) => (rows < columns ? q[i * columns + j]! : q[j * columns + i]!)
        const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
        for (let a = 0; a < count; a++) {
          for (let b = 0; b < count; b++) {
            let dot = 0
            for (let k = 0; k < length; k++) dot += at(a, k) * at(b, k)
            assert.ok(Math.abs(dot - Number(a === b)) < 1e-6, `${dot} at ${a}, ${b}`)
          }
        }
      }),
    )
  })

  test('the gain scales, and identity is one', () => {
    const [q, twice] = [fill(all.orthogonal, [4, 4]), fill(initializers.orthogonal({ gain: 2 }), [4, 4])]
    q.forEach((x, i) => void assert.ok(Math.abs(2 * x - twice[i]!) < 1e-6))
    assert.deepEqual(Array.from(fill(all.identity, [2, 3])), [1, 0, 0, 0, 1, 0])
    assert.throws(() => fill(all.identity, [2, 2, 2]), { code: 'SHAPE_MISMATCH' })
  })
})

test('a parameter is drawn from the stream of its own name: other layers change nothing', () => {
  const weights = (...layers: ReturnType<typeof nn.dense>[]) => {
    const traced = traceModel(nn.sequential(layers), inputsOf({ x: { dtype: 'float32', shape: ['batch', 4] } }), { training: true })
    const { layout, flat } = initialize(traced.params, random(3))
    const entry = layout.entries.find(({ name }) => name === 'b.weight')!
    return Array.from(flat.subarray(entry.offset, entry.offset + entry.size))
  }
  const b = nn.dense({ units: 3, name: 'b' })
  assert.deepEqual(weights(nn.dense({ units: 4, name: 'a' }), b), weights(b))
  assert.notDeepEqual(weights(b), weights(nn.dense({ units: 3, name: 'b', kernelInitializer: 'heNormal' })))
})

test('unknown names and wrong options are refused', () => {
  assert.throws(() => nn.dense({ units: 3, kernelInitializer: 'heNorml' as never }), { code: 'UNKNOWN_KIND', message: /heNormal/ })
  assert.throws(() => initializers.normal({ sigma: 1 } as never), { code: 'UNKNOWN_OPTION' })
  assert.throws(() => initializers.uniform({ low: 1, high: 0 }), { code: 'BAD_OPTION' })
  assert.throws(() => initializers.truncatedNormal({ deviation: -1 }), { code: 'BAD_OPTION' })
})
