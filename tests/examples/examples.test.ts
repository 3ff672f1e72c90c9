/** The examples that need no data set; `tests/heavy/examples.test.ts` runs the others. Each checks its own result too. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { loadTraining } from '../../src/run/index.ts'
import { runExample, runProgram } from './run.ts'

const examples = resolve(import.meta.dirname, '../../examples')

test('01-mnist, as `npm start` runs it: 97 of 100 digits', async () => {
  const { status, metrics } = await runExample('01-mnist', { source: 'digits' })
  assert.equal(status, 'finished')
  assert.ok(metrics.accuracy! >= 0.97, `accuracy ${metrics.accuracy}`)
})

test('02-mnist-cnn, small: convolutions need two passes over the digits', async () => {
  const { metrics } = await runExample('02-mnist-cnn', {
    source: 'digits',
    filters: 8,
    hidden: 64,
    epochs: 2,
    learningRate: 0.006,
    expect: 0.955,
  })
  assert.ok(metrics.accuracy! >= 0.955, `accuracy ${metrics.accuracy}`)
})

test('an example that does not reach what it expects fails', async () => {
  await assert.rejects(runExample('02-mnist-cnn', { source: 'digits', filters: 1, hidden: 4, epochs: 1, expect: 1 }), /below 1/)
})

test('06-tune: sixteen trials of 01-mnist, on two processes, beat its defaults', async () => {
  const printed = await runProgram('06-tune/tune.ts')
  assert.match(printed, /^mnist-[0-9a-f]{6}: \d+ trials finished and \d+ were pruned/)
})

test('what a study finds within what it searches is not refused when it is trained again', async () => {
  const shallow = await loadTraining(join(examples, '08-covtype/train.ts'))
  assert.doesNotThrow(() => shallow.check?.({ accuracy: 0.6836 }, { ...shallow.config, maxDepth: 4 }))
  assert.throws(() => shallow.check?.({ accuracy: 0.6836 }, shallow.config), /below/)
  const short = await loadTraining(join(examples, '01-mnist/train.ts'))
  assert.doesNotThrow(() => short.check?.({ accuracy: 0.961 }, { ...short.config, epochs: 4 }))
  assert.throws(() => short.check?.({ accuracy: 0.961 }, short.config), /below/)
})

for (const folder of readdirSync(examples).filter((one) => existsSync(join(examples, one, 'train.ts')))) {
  test(`${folder} exports a training function that checks its own result`, async () => {
    const { check, config } = await loadTraining(join(examples, folder, 'train.ts'))
    assert.throws(() => check?.({}, config), 'no metrics at all are no success')
  })
}
