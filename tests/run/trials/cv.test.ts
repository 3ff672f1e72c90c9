/** Cross-validated trials: networks and estimators alike, and what is kept from trial to trial. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore, tune } from '../../../src/index.ts'
import { cachingData } from '../../../src/run/trials/caches.ts'
import { inFolds } from '../../../src/run/trials/cv.ts'
import { crossValidated, runTraining, type Training } from '../../../src/train/index.ts'
import stumped from '../families/fixtures/stumped.ts'
import { call, temporary } from '../place.ts'
import smallTraining from './fixtures/small.ts'
import { reportsOf, small } from './program.ts'

const options = { sampler: 'random', trials: 2, seed: 3, settings: { epochs: '2' } } as const

test('a network: means with deviations, a report a fold, no model; in processes as inline', async () => {
  await using folder = await temporary()
  const inline = await tune(small, { ...options, cv: 3, engine: 'inline', store: folder.store })
  const own = await tune(crossValidated(smallTraining as unknown as Training, { cv: 3 }), {
    ...options,
    pruner: 'none',
    store: folder.store,
  })
  const apart = await tune(small, { ...options, cv: 3, workers: 2, store: folder.store })
  assert.deepEqual(reportsOf(inline.record), reportsOf(own.record))
  assert.deepEqual(reportsOf(inline.record), reportsOf(apart.record))
  for (const { metrics, reports } of inline.record.trials) {
    assert.deepEqual(Object.keys(metrics), ['accuracy', 'accuracyStd', 'logLoss', 'logLossStd'])
    assert.deepEqual(
      reports.map(({ step }) => step),
      [0, 1, 2],
    )
    assert.equal(reports[0]?.metrics.accuracyStd, 0)
  }
  assert.deepEqual([inline.record.cv, inline.record.pruner], [3, 'none'])
  await using store = await openStore({ path: folder.store, readOnly: true })
  assert.deepEqual(await store.artifacts(inline.study), [])
})

test('a study goes on with its folds, and not with others', async () => {
  await using folder = await temporary()
  const args = ['tune', small, '--engine', 'inline', '--store', folder.store, '--study', 's', '--sampler', 'random', '--set', 'epochs=1']
  assert.equal((await call([...args, '--cv', '3', '--trials', '1'])).code, 0)
  const { code, stderr } = await call([...args, '--cv', '4', '--trials', '2'])
  assert.deepEqual(
    [code, /STUDY_CHANGED/.test(stderr), /cross-validated by 3 and is now cross-validated by 4/.test(stderr)],
    [1, true, true],
  )
  assert.equal((await call([...args, '--trials', '2'])).code, 0)
  const { stdout } = await call(['studies', 'show', 's', '--store', folder.store])
  assert.match(stdout, /folds +3\n/)
  assert.match(stdout, /trials +2 of 2/)
  assert.match(stdout, /accuracy 0\.\d+ ± 0\.\d+/)
})

test('a worker cuts its data once: the next trial gets the same tables', async () => {
  const seen: object[][] = []
  const watched = { ...stumped, estimator: (config: never, data: never) => stumped.estimator(config, data) } as unknown as Training
  const training = inFolds(
    cachingData({
      ...watched,
      async train({ data }) {
        seen.at(-1)?.push(data.train)
      },
    } as Training),
    { kind: 'kFold', folds: 3 },
  )
  const environment = {
    ...{ threads: 1, seed: 0, signal: new AbortController().signal, runtime: {}, clock: { elapsed: () => 0 } },
    ...{ observer: { report() {}, curve() {}, log() {}, progress() {} }, checkpoints: { latest: async () => undefined } },
  }
  for (const alpha of [1, 2]) {
    seen.push([])
    await runTraining(training, { ...stumped.config, alpha }, environment as never)
  }
  assert.equal(seen[0]?.length, 3)
  assert.ok(seen[0]?.every((table, fold) => table === seen[1]?.[fold]))
  assert.equal(new Set(seen[0]).size, 3)
})
