/** Studies in processes of their own: killed, interrupted, crashed. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { temporary } from '../place.ts'
import { killStudies } from './kills.ts'
import { placeIn } from './program.ts'

const plain = ['--sampler', 'random', '--pruner', 'none', '--workers', '2', '--seed', '3']

suite('studies as processes', { skip: process.platform !== 'linux' && 'workers are found through /proc' }, () => {
  test('killed at a random moment, driver or worker, it goes on to the same trials', async () => {
    const kills = await killStudies(2, 'two moments')
    assert.equal(kills.drivers + kills.workers, 2)
  })

  test('Ctrl-C ends it with code 130; a second driver is refused meanwhile; going on repeats no report', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const args = [...plain, '--trials', '4', '--set', 'epochs=30', '--set', 'pause=60']
    const first = place.tune(...args)
    await place.until(({ trials }) => trials.filter(({ reports }) => reports.length >= 2).length >= 2)
    first.workers()
    const second = place.tune(...args)
    assert.equal(await second.exit, 1)
    assert.match(second.stderr(), new RegExp(`being driven by process ${first.process.pid}`))
    assert.match(second.stdout(), /"code":"STUDY_DRIVEN"/)
    first.process.kill('SIGINT')
    assert.equal(await first.exit, 130)
    const { status, trials } = JSON.parse(first.stdout().trimEnd().split('\n').at(-1) as string)
    assert.equal(status, 'interrupted')
    assert.ok(trials.preempted >= 1 && trials.running === 0 && trials.waiting === 0)
    const { study } = await place.read()
    const stopped = study.trials.filter(({ state }) => state === 'preempted')
    assert.ok(stopped.every(({ reports }) => reports.length >= 1))

    assert.equal(await place.tune(...args).exit, 0)
    const { log } = await place.read()
    const seen = new Set<string>()
    for (const { event } of log) {
      if (event.kind !== 'report') continue
      const report = `${event.trial} ${event.step}`
      assert.ok(!seen.has(report), `trial ${event.trial} reported step ${event.step} twice`)
      seen.add(report)
    }
    assert.equal(seen.size, 4 * 30)
    const found = await place.check(4)
    for (const { attempts } of found.trials) assert.ok(attempts.every(({ how }) => how === 'finished' || how === 'preempted'))
  })

  test('configs that kill their process and configs that throw end as lost and failed, and the study goes on', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const limits = ['--set', 'epochs=3', '--set', 'crashAbove=0.1', '--set', 'explodeAbove=0.01']
    const program = place.tune(...plain, '--trials', '8', '--retries', '1', ...limits)
    assert.equal(await program.exit, 0, program.stderr())
    const { trials } = await place.check(8)
    for (const { config, state, error, attempts, reports } of trials) {
      const rate = Number(config.learningRate)
      assert.equal(state, rate > 0.1 ? 'lost' : rate > 0.01 ? 'failed' : 'finished')
      assert.equal(attempts.length, state === 'lost' ? 2 : 1)
      if (state === 'lost') assert.match(error?.message ?? '', /its worker died 2 times, the last time by SIGKILL/)
      if (state === 'failed') assert.match(error?.message ?? '', /something of mine broke/)
      assert.equal(reports.length, state === 'finished' ? 3 : 1)
    }
    assert.deepEqual(new Set(trials.map(({ state }) => state)), new Set(['lost', 'failed', 'finished']))
  })
})
