/** The examples on the data sets they are about: full settings, but for Shakespeare, who takes ten minutes. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runExample, runProgram } from '../examples/run.ts'
import { lastLine, root, start, temporary } from '../run/place.ts'

test('there is a folder of data sets', () => {
  assert.ok(process.env.TUTTI_DATA, 'TUTTI_DATA is not set: run these tests with `npm run test:heavy -- --data-dir DIR`')
})

test('01-mnist, ten epochs', async () => {
  const { metrics } = await runExample('01-mnist', { epochs: 10 })
  assert.ok(metrics.accuracy! >= 0.98, `accuracy ${metrics.accuracy}`)
})

test('02-mnist-cnn', async () => {
  const { metrics } = await runExample('02-mnist-cnn', {}, ['--threads', '2'])
  assert.ok(metrics.accuracy! >= 0.989, `accuracy ${metrics.accuracy}`)
})

test('03-spam', async () => {
  const { metrics } = await runExample('03-spam', {})
  assert.ok(metrics.f1! >= 0.94, `F1 ${metrics.f1}`)
})

test('04-adult', async () => {
  const { metrics } = await runExample('04-adult', {})
  assert.ok(metrics.accuracy! >= 0.852 && metrics.rocAuc! >= 0.905, `accuracy ${metrics.accuracy}, AUC ${metrics.rocAuc}`)
})

test('05-shakespeare, small: learns more than which letters are frequent, and writes', async () => {
  const small = { context: 64, width: 64, layers: 2, batchSize: 32, epochs: 1, expect: 2.1 }
  const { metrics, told } = await runExample('05-shakespeare', small, ['--threads', '2'])
  assert.ok(metrics.logLoss! <= 2.1, `validation loss ${metrics.logLoss}`)
  assert.match(told, /ROMEO:\n(?:.*\n){3}/, 'the log has a sample of several lines')
})

test('07-ablate: what 04-adult learns from, and what it does not miss', async () => {
  const printed = await runProgram('07-ablate/ablate.ts')
  assert.match(printed, /^adult-[0-9a-f]{6}: 21 trials/)
  assert.equal(printed.trimEnd().split('\n').length, 7, printed)
})

test('08-covtype: a forest as good as scikit-learn’s', async () => {
  const { metrics } = await runExample('08-covtype', {})
  assert.ok(metrics.accuracy! >= 0.79, `accuracy ${metrics.accuracy}`)
})

test('08-covtype searched: 64 points, five folds, with and without shared work the same to the last bit', async () => {
  const file = join(root, 'examples/08-covtype/train.ts')
  await using folder = await temporary()
  const search = ['tune', file, '--sampler', 'grid', '--cv', '5', '--scaling', '1,2,3', '--store', folder.store, '--json', '--quiet']
  const program = start(search)
  assert.equal(await program.exit, 0, program.stderr)
  const { scaling } = JSON.parse(lastLine(program.stdout))
  assert.ok(scaling.same)
  assert.equal(scaling.trials, 64)
  assert.ok(scaling.standard.metrics.accuracy > 0.785 && scaling.standard.metrics.accuracy < 0.815, JSON.stringify(scaling.standard))
  assert.ok(scaling.best.metrics.accuracy > 0.67 && scaling.best.metrics.accuracy < 0.7, JSON.stringify(scaling.best))
  assert.deepEqual([scaling.best.assignment.maxDepth, scaling.best.assignment.ccpAlpha], [4, 0])
})
