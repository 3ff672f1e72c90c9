import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { table } from '../../src/data/index.ts'
import { examplesOf, type Predictor, permutationImportance, scoreOf } from '../../src/estimator/index.ts'

/** y = a + b / 2, and c is noise that nobody looks at. */
const chance = random('permutation')
const rows = 400
const x = Float32Array.from({ length: rows * 3 }, () => Math.fround(chance.normal()))
const set = table({
  x: { dtype: 'float32', shape: [3], names: ['a', 'b', 'c'], data: x },
  y: { dtype: 'float32', shape: [], data: Float32Array.from({ length: rows }, (_, i) => x[3 * i]! + x[3 * i + 1]! / 2) },
})

function linear(weights: readonly number[]): Predictor {
  const predict: Predictor['predict'] = (data) => {
    const { x, features, rows } = examplesOf(data)
    return Float64Array.from({ length: rows }, (_, i) =>
      weights.reduce((sum, weight, k) => sum + weight * (x[i * features.length + k] as number), 0),
    )
  }
  return {
    ...{ estimator: 'linear', task: 'regression', params: {}, features: examplesOf(set).features, classes: undefined, width: 1 },
    ...{ predict, outputs: predict, toOnnx: () => new Uint8Array(), toJson: () => null },
    score: (data) => scoreOf('regression', 'linear', 1, predict(data), examplesOf(data)),
  }
}

test('a feature nobody looks at costs nothing; the others as much as their share of the variance, twice', () => {
  const before = x.slice()
  const { names, mean, std, drops } = permutationImportance(linear([1, 0.5, 0]), set, { repeats: 20 })
  assert.deepEqual(names, ['a', 'b', 'c'])
  assert.equal(mean[2], 0)
  assert.equal(std[2], 0)
  // A shuffled feature of weight w adds 2 w^2 Var to the squared error: of a standing against a variance of 1.25, 1.6; of b 0.4.
  assert.ok(Math.abs((mean[0] as number) - 1.6) < 0.2, `${mean[0]}`)
  assert.ok(Math.abs((mean[1] as number) - 0.4) < 0.1, `${mean[1]}`)
  assert.ok((std[0] as number) > 0)
  assert.equal(drops.length, 60)
  assert.deepEqual(x, before)
})

test('mean and deviation are those of the drops; the seed decides them', () => {
  const once = permutationImportance(linear([1, 0.5, 0]), set, { repeats: 3, seed: 4 })
  const drops = [...once.drops.subarray(0, 3)]
  const mean = drops.reduce((a, b) => a + b) / 3
  assert.ok(Math.abs((once.mean[0] as number) - mean) < 1e-12)
  assert.ok(Math.abs((once.std[0] as number) - Math.sqrt(drops.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 3)) < 1e-12)
  assert.deepEqual(permutationImportance(linear([1, 0.5, 0]), set, { repeats: 3, seed: 4 }), once)
  assert.notDeepEqual(permutationImportance(linear([1, 0.5, 0]), set, { repeats: 3, seed: 5 }).mean, once.mean)
})

test('a score of one', () => {
  const { mean } = permutationImportance(linear([1, 0.5, 0]), set, {
    score: (of, examples) => -Math.abs(of.predict(examples)[0]! - (examples.y as Float64Array)[0]!),
  })
  assert.ok((mean[0] as number) > 0)
  assert.equal(mean[2], 0)
})

test('what cannot be is told', () => {
  assert.throws(() => permutationImportance(linear([1]), set.take([])), { code: 'FIT_EMPTY' })
  assert.throws(() => permutationImportance(linear([1]), table({ x: [[1, 2, 3]] })), { code: 'NO_TARGET' })
  assert.throws(() => permutationImportance(linear([1]), set, { repeats: 0 }), { code: 'BAD_OPTION' })
  assert.throws(() => permutationImportance(linear([1]), set, { repeat: 3 } as never), { code: 'UNKNOWN_OPTION' })
})
