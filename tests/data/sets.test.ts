import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { digits } from '../../src/data/index.ts'
import { numbers, says } from './helpers.ts'

test('digits: 8,000 and 2,000 real digits with equal shares, the same by the same seed', async () => {
  const { train, test: held, classes } = await digits()
  assert.deepEqual([train.length, held.length, classes.length], [8000, 2000, 10])
  assert.deepEqual(train.fields.x, { dtype: 'uint8', shape: [1, 28, 28], scale: 1 / 255 })
  assert.deepEqual(train.fields.y, { dtype: 'int32', shape: [], classes })
  const [all, share] = [train.concat(held).classCounts(), held.classCounts()]
  for (const [digit, count] of share.entries()) assert.ok(Math.abs(count - (all[digit] ?? 0) / 5) < 1)
  // Mean and standard deviation of MNIST's pixels are 0.1307 and 0.3081.
  const pixels = train.columns.x?.data as Uint8Array
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length / 255
  assert.ok(Math.abs(mean - 0.1307) < 0.003, `${mean}`)
  assert.ok(pixels.includes(255) && pixels.includes(253))
  // The rows are mixed: the first hundred are not all of one digit.
  assert.equal(new Set(numbers(train.slice(0, 100), 'y')).size, 10)
  const again = await digits()
  assert.deepEqual(again.test.columns.x?.data, held.columns.x?.data)
  const other = await digits({ seed: 1, test: 500 })
  assert.equal(other.test.length, 500)
  assert.notDeepEqual(numbers(other.train.slice(0, 50), 'y'), numbers(train.slice(0, 50), 'y'))
  await assert.rejects(digits({ tests: 5 } as never), says('UNKNOWN_OPTION', 'tests'))
  const first = train
    .batches({ batchSize: 64, shuffle: random(0) })
    [Symbol.iterator]()
    .next().value
  assert.deepEqual(first?.columns.x?.shape, [64, 1, 28, 28])
})
