import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { graphOf, input, runtimes } from '../../src/graph/index.ts'
import { type Clip, clipGradients } from '../../src/optim/index.ts'
import { tensor } from '../../src/tensor/index.ts'
import fc from '../laws.ts'
import { vectors } from './vectors.ts'

type Nested = readonly (number | readonly number[])[]

async function clipped(gradients: readonly Nested[], clip: Clip | undefined): Promise<number[][]> {
  const flat = gradients.map((g) => g.flat() as number[])
  const shapes = gradients.map((g) => (Array.isArray(g[0]) ? [g.length, (g[0] as number[]).length] : [g.length]))
  const inputs = shapes.map((shape, i) => input(`g${i}`, 'float64', shape))
  const outputs = Object.fromEntries(clipGradients(inputs, clip).map((value, i) => [`c${i}`, value]))
  const executable = await runtimes.reference({ precision: 'float64' }).compile(graphOf('clip', outputs, inputs))
  const found = await executable.run(Object.fromEntries(flat.map((data, i) => [`g${i}`, tensor('float64', shapes[i]!, data)])))
  return flat.map((_, i) => Array.from(found[`c${i}`]!.data as Float64Array))
}

const norm = (gradients: readonly (readonly number[])[]) => Math.sqrt(gradients.flat().reduce((total, x) => total + x * x, 0))

describe('clipping', () => {
  for (const { clip, gradients, clipped: want } of vectors<{ cases: { clip: Clip; gradients: Nested[]; clipped: number[][] }[] }>(
    'clipping',
  ).cases) {
    test(`equals PyTorch: ${JSON.stringify(clip)}`, async () => {
      const got = await clipped(gradients, clip)
      want.forEach((row, i) => {
        row.forEach((x, j) => void assert.ok(Math.abs(got[i]![j]! - x) < 1e-12, `${got[i]} instead of ${row}`))
      })
    })
  }

  test('the norm after is never above the limit, the direction stays, and small gradients are left alone', async () => {
    const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.double({ min: 0.01, max: 100, noNaN: true }), async (a, b, limit) => {
        const got = await clipped([a, b], { norm: limit })
        assert.ok(norm(got) <= limit)
        const scale = Math.min(1, limit / (norm([a, b]) + 1e-6))
        got.flat().forEach((x, i) => void assert.ok(Math.abs(x - [...a, ...b][i]! * scale) < 1e-9))
      }),
      { numRuns: 50 },
    )
  })

  test('value comes before norm; nothing to do gives the values as they are', async () => {
    assert.ok(norm(await clipped([[100, 0.1]], { value: 1, norm: 0.5 })) <= 0.5)
    const g = input('g', 'float32', [2])
    assert.equal(clipGradients([g], undefined)[0], g)
    assert.deepEqual(clipGradients([], { norm: 1 }), [])
  })
})
