/** `tutti tune --scaling`: the search with several numbers of workers, as one command. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { readStudies } from '../../../src/hpo/index.ts'
import { openStore } from '../../../src/store/index.ts'
import { call, lastLine, temporary } from '../place.ts'

const file = join(import.meta.dirname, 'fixtures/stumped.ts')
const search = ['tune', file, '--sampler', 'grid', '--cv', '3', '--set', 'buckets=3']

suite('tutti tune --scaling', () => {
  test('tells the default, the best, and times with and without shared work; all runs are studies, and there is a page', async () => {
    await using folder = await temporary()
    const { code, stdout, stderr } = await call([
      ...search,
      '--scaling',
      '1',
      '--engine',
      'inline',
      '--study',
      'e',
      '--store',
      folder.store,
    ])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /Default +nEstimators=10 alpha=1 +accuracy 0\.\d+ ± 0\.\d+/)
    assert.match(stdout, /Best +nEstimators=\d+ alpha=[\d.]+ +accuracy 0\.\d+ ± 0\.\d+/)
    assert.match(stdout, /workers +shared s +speed-up +efficiency +not shared s +speed-up +efficiency +sharing is faster/)
    assert.match(stdout, /^ *1 +\d+\.\d\d +1\.00 +100 % +\d+\.\d\d +1\.00 +100 % +\d+\.\d times$/m)
    assert.match(stdout, /All 2 runs found the same, to the last bit/)
    assert.match(stderr, /Run 1 of 3: the default parameters.*Run 3 of 3: 1 worker, not shared/s)
    await using store = await openStore({ path: folder.store, readOnly: true })
    const studies = await readStudies(store)
    assert.deepEqual(studies.map(({ id, status, trials }) => [id, status, trials.length]).sort(), [
      ['e-1', 'finished', 12],
      ['e-1-alone', 'finished', 12],
      ['e-default', 'finished', 1],
    ])
    const page = join(folder.store, 'e-1.html')
    assert.ok(stdout.includes(page))
    const data = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(page, 'utf8'))?.[1] ?? '')
    assert.equal(data.scaling.rows.length, 2)
    assert.ok(stdout.includes(data.scaling.standard[1]) && stdout.includes(data.scaling.best[1]), 'the same figures')
    assert.ok(data.trials[0].spread[0] >= 0)
    const again = join(folder.path, 'again.html')
    assert.equal((await call(['report', 'e-1', '--html', again, '--store', folder.store])).code, 0)
    assert.ok(readFileSync(again, 'utf8').includes(JSON.stringify(data.scaling).slice(1, 200)), 'tutti report has them too')
    const twice = await call([...search, '--scaling', '1', '--engine', 'inline', '--study', 'e', '--store', folder.store])
    assert.deepEqual([twice.code, /RUN_EXISTS/.test(twice.stderr)], [1, true])
    const shown = await call(['studies', 'show', 'e-1', '--store', folder.store])
    assert.match(shown.stdout, /best {2}trial \d+ {2}accuracy 0\.\d+ ± 0\.\d+/)
  })

  test('--no-share leaves shared work out, --html says where the page goes, --json gives the figures', async () => {
    await using folder = await temporary()
    const page = join(folder.path, 'page.html')
    const more = ['--scaling', '1', '--no-share', '--engine', 'inline', '--store', folder.store, '--html', page, '--json', '--quiet']
    const { code, stdout, stderr } = await call([...search, ...more])
    assert.equal(code, 0, stderr)
    const { scaling, html, status } = JSON.parse(lastLine(stdout))
    assert.deepEqual([status, html, existsSync(page)], ['finished', page, true])
    assert.deepEqual(
      scaling.runs.map(({ shared, workers }: { shared: boolean; workers: number }) => [shared, workers]),
      [[false, 1]],
    )
    assert.equal(scaling.standard.config.nEstimators, 10)
  })

  test('what cannot be is refused with a sentence, and leaves nothing', async () => {
    await using folder = await temporary()
    for (const [args, words] of [
      [['--scaling', '1,two'], /different numbers of workers, such as 1,2,3/],
      [['--scaling', '2,2'], /different numbers/],
      [['--scaling', '1', '--workers', '2'], /--workers.*left out/],
      [['--html', 'x.html'], /--html.*left out/],
      [['--cv', 'few'], /a number of folds, a splitter or its JSON/],
      [['--cv', '1'], /at least 2/],
    ] as const) {
      const { code, stderr } = await call([...search, ...args, '--store', folder.store])
      assert.equal(code, 2, stderr)
      assert.match(stderr, words)
    }
    await using store = await openStore({ path: folder.store })
    assert.deepEqual(await store.runs(), [])
  })
})
