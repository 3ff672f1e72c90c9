import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { eigen } from '../../src/linear/eigen.ts'
import fc from '../laws.ts'

test('vectors are at right angles, of length 1, and the matrix only stretches them', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), fc.constantFrom('any', 'low rank', 'diagonal', 'zero'), (seed, size, kind) => {
      const chance = random(seed)
      const matrix = new Float64Array(size * size)
      const rank = kind === 'low rank' ? 2 : size
      if (kind === 'diagonal') for (let i = 0; i < size; i++) matrix[i * size + i] = chance.normal() * 10 ** chance.int(6)
      else if (kind !== 'zero') {
        const part = Float64Array.from({ length: size * rank }, () => chance.normal())
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++)
            for (let k = 0; k < rank; k++)
              matrix[i * size + j] = (matrix[i * size + j] as number) + (part[i * rank + k] as number) * (part[j * rank + k] as number)
      }
      const { values, vectors } = eigen(matrix, size)
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
      for (let a = 0; a < size; a++) {
        const v = vectors.subarray(a * size, (a + 1) * size)
        for (let b = 0; b < size; b++) {
          const dot = v.reduce((sum, value, k) => sum + value * (vectors[b * size + k] as number), 0)
          assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-12)
        }
        for (let i = 0; i < size; i++) {
          const stretched = v.reduce((sum, value, k) => sum + (matrix[i * size + k] as number) * value, 0)
          assert.ok(Math.abs(stretched - (values[a] as number) * (v[i] as number)) < 1e-12 * largest * size)
        }
      }
    }),
    { numRuns: 200 },
  )
})
