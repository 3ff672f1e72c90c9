/** `tutti train --cv`: means and deviations, folds, what is kept, and what is refused. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { progressLine } from '../../src/cli/display/progressLine.ts'
import { styleOf } from '../../src/cli/display/style.ts'
import { openStore } from '../../src/store/index.ts'
import type { Progress } from '../../src/train/index.ts'
import { call, lastLine, temporary, tiny } from '../run/place.ts'

const nearest = join(import.meta.dirname, '../run/fixtures/nearest.ts')

test('the live line of an estimator: trees of how many, how fast, and the time left', () => {
  const progress: Progress = {
    ...{ phase: 'learn', fit: 0, epoch: 0, epochs: 1, batch: 25, batches: 100, updates: 25, examples: 25, elapsed: 5000 },
    ...{ loss: Number.NaN, learningRate: Number.NaN, metrics: {} },
  }
  const line = progressLine(progress, { base: 0, columns: 80, style: styleOf(false), objective: undefined })
  assert.match(line, /^learning {2}\S+ {2} 25\/100 {2}5\/s {2}ETA 0:15$/)
})

suite('tutti train --cv', () => {
  test('tells mean and standard deviation of each metric, each fold with its rows and time, and how to train a model', async () => {
    await using folder = await temporary()
    const { code, stdout, stderr } = await call(['train', nearest, '--store', folder.store, '--cv', '4', '--set', 'shrink=0.1'])
    assert.equal(code, 0)
    assert.match(stdout, /^ +metric +mean +std$/m)
    assert.match(stdout, /^ {2}accuracy +0\.\d{4} +0\.\d{4}$/m)
    assert.match(stdout, /^ +fold +accuracy +logLoss +rocAuc +train rows +test rows +time$/m)
    for (const fold of [1, 2, 3, 4]) {
      assert.match(stdout, new RegExp(`^ +${fold}( +[\\d.]+){3} +90 +30 +[\\d.]+ s$`, 'm'))
      assert.match(stderr, new RegExp(`^fold ${fold}/4  accuracy [\\d.]+  logLoss`, 'm'))
    }
    assert.match(stdout, /tutti train .*nearest\.ts --set shrink=0\.1/)
    assert.doesNotMatch(stdout, /predict|export/)
  })

  test('a network too; --json has the folds, whose mean is the metric; no model is kept', async () => {
    await using folder = await temporary()
    const args = ['train', tiny, '--store', folder.store, '--set', 'epochs=2', '--json', '--quiet']
    const { stdout, stderr } = await call([...args, '--cv', '{"kind":"kFold","folds":3,"shuffle":true}'])
    assert.equal(stderr, '')
    const { run, metrics, folds } = JSON.parse(lastLine(stdout))
    assert.equal(folds.length, 3)
    const values: number[] = folds.map((fold: { metrics: { accuracy: number } }) => fold.metrics.accuracy)
    assert.ok(Math.abs(metrics.accuracy - values.reduce((a, b) => a + b) / 3) < 1e-12)
    assert.ok(metrics.accuracyStd >= 0)
    await using store = await openStore({ path: folder.store, readOnly: true })
    const record = await store.run(run)
    assert.deepEqual(record.facts?.cv, { kind: 'kFold', folds: 3, shuffle: true })
    assert.deepEqual(record.metrics, metrics)
    assert.deepEqual(await store.artifacts(run), [])
    const steps = (await store.metrics(run)).filter(({ key }) => key === 'accuracy').map(({ step }) => step)
    assert.deepEqual(steps, [0, 1, 2])
  })

  test('an interrupted one goes on with its folds from the beginning, and refuses others', async () => {
    await using folder = await temporary()
    const args = ['train', nearest, '--store', folder.store, '--cv', '5', '--json']
    const whole = JSON.parse(lastLine((await call(args)).stdout))
    const stopped = await call(args, { onErr: (text, host) => text.includes('fold 2/5') && host.send('SIGINT') })
    assert.equal(stopped.code, 130)
    const { run, folds } = JSON.parse(lastLine(stopped.stdout))
    assert.equal(folds.length, 2)
    const resume = ['train', '--resume', run, '--store', folder.store, '--json', '--quiet']
    const other = await call([...resume, '--cv', '3'])
    assert.equal(other.code, 2)
    assert.match(other.stderr, /its folds are 5/)
    const resumed = JSON.parse(lastLine((await call(resume)).stdout))
    assert.deepEqual(resumed.metrics, whole.metrics)
    assert.equal(resumed.folds.length, 5)
  })

  test('what is no number of folds and no splitter is a mistake of the command line', async () => {
    for (const [text, why] of [
      ['1', /at least 2/],
      ['kfold', /no splitter named 'kfold'. Did you mean 'kFold'/],
      ['{"kind":"kFold","fold":3}', /'fold'/],
      ['{', /JSON such as/],
      ['groupKFold', /name of a column/],
    ] as const) {
      const { code, stderr } = await call(['train', nearest, '--cv', text])
      assert.equal(code, 2, stderr)
      assert.match(stderr, why)
    }
  })

  test('data that cannot be cut says so', async () => {
    await using folder = await temporary()
    const { code, stderr } = await call(['train', nearest, '--store', folder.store, '--cv', '500'])
    assert.equal(code, 1)
    assert.match(stderr, /120 rows for 500 folds/)
  })
})
