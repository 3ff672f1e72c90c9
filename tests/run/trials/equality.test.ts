/** The law of the product, for studies: where and how trials run changes nothing of what they find. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { tune } from '../../../src/run/index.ts'
import { temporary } from '../place.ts'
import { reportsOf, small } from './program.ts'

const common = { sampler: 'random', pruner: 'none', trials: 6, seed: 3, settings: { epochs: '4' } } as const

suite('the same study', async () => {
  await using folder = await temporary()
  const { record, best } = await tune(small, { ...common, store: folder.store, engine: 'inline' })
  const expected = reportsOf(record)

  test('inline it finishes, and its trials differ', () => {
    assert.deepEqual(
      record.trials.map(({ state }) => state),
      Array(6).fill('finished'),
    )
    assert.ok(new Set(record.trials.map(({ metrics }) => metrics.logLoss)).size === 6)
  })

  for (const [name, options] of Object.entries({
    'in two threads': { engine: 'threads', workers: 2 },
    'in two processes': { engine: 'processes', workers: 2 },
    'in one process': { engine: 'processes', workers: 1 },
  })) {
    test(`${name}: the same metrics, bit by bit, and the same best`, async () => {
      await using folder = await temporary()
      const other = await tune(small, { ...common, ...options, store: folder.store })
      assert.deepEqual(reportsOf(other.record), expected)
      assert.deepEqual(other.best, best)
    })
  }

  test('paused and promoted: what a trial reports is what it reports when it runs through', async () => {
    await using folder = await temporary()
    const paused = await tune(small, { ...common, pruner: { kind: 'asha', eta: 2 }, store: folder.store, engine: 'inline' })
    const promoted = paused.record.trials.filter(({ attempts }) => attempts.length > 1)
    assert.ok(promoted.length > 0, 'one was paused and went on')
    assert.ok(promoted.some(({ state }) => state === 'finished'))
    for (const { number, reports, config } of reportsOf(paused.record)) {
      assert.deepEqual(config, expected[number]?.config)
      assert.deepEqual(reports, expected[number]?.reports.slice(0, reports.length))
    }
  })

  test('interrupted and gone on: the same too, and nothing is reported twice', async () => {
    await using folder = await temporary()
    const options = { ...common, store: folder.store, engine: 'inline', study: 's' }
    let ended = 0
    for (;;) {
      const stop = new AbortController()
      let ticks = 0
      // Wherever it is by then.
      const clockwork = setInterval(() => {
        if (++ticks > 2) stop.abort()
      }, 40)
      const one = await tune(small, { ...options, signal: stop.signal })
      clearInterval(clockwork)
      ended++
      if (one.status === 'interrupted' && ended < 40) continue
      assert.equal(one.status, 'finished')
      assert.deepEqual(reportsOf(one.record), expected)
      break
    }
    assert.ok(ended > 1, 'it was interrupted')
  })
})
