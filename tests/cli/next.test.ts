/** The commands that are suggested at the end: what was typed by hand for this one, and the next one needs, is in them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { studyResultText } from '../../src/cli/display/studyResult.ts'
import { bestText } from '../../src/cli/display/trials.ts'
import type { StudyResult, StudyStart } from '../../src/run/index.ts'
import { openStore } from '../../src/store/index.ts'
import { fixtureStudy } from '../hpo/fixtures/study.ts'
import { call, temporary, tiny } from '../run/place.ts'

suite('after tutti train', () => {
  test('another try keeps the seed, the folder of data and the store', async () => {
    await using folder = await temporary()
    const args = ['--set', 'epochs=1', '--seed', '5', '--store', folder.store]
    const { stdout } = await call(['train', tiny, ...args, '--data-dir', 'my data'])
    assert.match(stdout, /^Try +tutti train \S+tiny\.ts --set epochs=1 --set units=16 --seed 5 --data-dir 'my data' --store \S+$/m)
    assert.match(stdout, /^Use +tutti predict tiny-\w+ --input FILE --store \S+$/m, 'predicting needs no data set')
    assert.doesNotMatch((await call(['train', tiny, ...args])).stdout, /--data-dir/)
  })

  test('one that failed is taken up again with the same folder of data', async () => {
    await using folder = await temporary()
    const { stdout } = await call(['train', tiny, '--set', 'explode=0', '--store', folder.store, '--data-dir', 'there'])
    assert.match(stdout, /^Retry +tutti train --resume tiny-\w+ --data-dir there --store /m)
  })

  test('of folds it is said that there is no model, and how to get one', async () => {
    await using folder = await temporary()
    const { stdout } = await call(['train', tiny, '--cv', '2', '--set', 'epochs=1', '--store', folder.store])
    assert.match(stdout, /^Model +none: .*\nTrain +tutti train /m)
  })
})

suite('after tutti tune', () => {
  const record = { ...fixtureStudy({ trials: 20 }), file: '/far/away/train.ts' }
  const result: StudyResult = {
    ...{ study: record.id, status: 'interrupted', trials: {} as StudyResult['trials'], seconds: 1 },
    best: { number: 0, config: {}, metrics: { accuracy: 0.5 } },
  }
  const start = { store: '.tutti', file: '/far/away/train.ts' } as StudyStart
  const options = { color: false, columns: 80, program: 'tutti', storeFlag: ' --store s', settings: {}, record }

  test('training the best and going on keep the folder of data; looking needs none', () => {
    const text = studyResultText(result, start, { ...options, dataDirFlag: ' --data-dir d' })
    assert.match(text, /^Train .* --data-dir d --store s$/m)
    assert.match(text, /^Go on .* --data-dir d --store s$/m)
    assert.match(text, /^Look +tutti studies show \S+ --store s$/m)
    assert.doesNotMatch(text, /^Model/m)
  })

  test('of folds it is said that there is no model', () => {
    assert.match(studyResultText(result, start, { ...options, record: { ...record, cv: 5 } }), /^Model +none: /m)
  })

  test('the command of tutti studies best names the store', () => {
    const look = { columns: 80, color: false, now: 0, program: 'tutti' }
    assert.match(bestText(record, { ...look, storeFlag: ' --store s' }), /^tutti train .* --store s$/m)
  })

  test('what has no model names no way that leads nowhere', async () => {
    await using folder = await temporary()
    await using store = await openStore({ path: folder.store })
    for (const mode of ['study', 'ablation', 'single'])
      await (await store.createRun({ id: `a-${mode}`, name: 'a', mode, seed: 0, config: {} })).finish('interrupted')
    for (const mode of ['study', 'ablation', 'single']) {
      const { code, stderr } = await call(['export', `a-${mode}`, '--to', join(folder.path, 'out'), '--store', folder.store])
      assert.equal(code, 1)
      assert.match(stderr, /has no model/)
      assert.equal(/--resume/.test(stderr), mode === 'single', 'only single runs are resumed by tutti train')
    }
  })
})

test('an ablation that is interrupted says so, where it is, and how it goes on', async () => {
  await using folder = await temporary()
  const args = ['ablate', tiny, 'layer:hidden', '--engine', 'inline', '--seeds', '9', '--store', folder.store, '--data-dir', 'there']
  const { code, stdout } = await call(args, { onErr: (text, host) => /^trial +0/.test(text) && host.send('SIGINT') })
  assert.equal(code, 130)
  assert.match(stdout, /^Interrupted after /)
  assert.match(stdout, /^Stored +study tiny-\w+ in \S+$/m)
  assert.match(stdout, /^Go on +tutti ablate \S+tiny\.ts --study tiny-\w+ --engine inline --data-dir there --store \S+$/m)
})
