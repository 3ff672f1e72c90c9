/** Studies whose processes are killed, frozen and asked to go, at many moments. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { temporary } from '../run/place.ts'
import { killStudies } from '../run/trials/kills.ts'
import { placeIn, rest } from '../run/trials/program.ts'

const plain = ['--sampler', 'random', '--pruner', 'none', '--workers', '2', '--seed', '3', '--trials', '4']

suite('studies as processes', { skip: process.platform !== 'linux' && 'workers are found through /proc' }, () => {
  test('50 kills at random moments, of drivers and of workers: the same trials, each ended once, none repeated', async (t) => {
    const kills = await killStudies(50, 'fifty moments', { tell: (text) => t.diagnostic(text) })
    assert.ok(kills.drivers >= 10 && kills.workers >= 10, JSON.stringify(kills))
  })

  test('the same where trials are paused and promoted, and points follow from results: each ended once, and it can be replayed', async (t) => {
    const search = ['--sampler', '{"kind":"tpe","startup":3}', '--pruner', '{"kind":"asha","eta":2}', '--trials', '14']
    await killStudies(18, 'eighteen moments', { search, tell: (text) => t.diagnostic(text) })
  })

  test('trials that share their work, killed at 30 moments: the same trials, the same bits', async (t) => {
    const file = join(import.meta.dirname, '../run/families/fixtures/stumped.ts')
    const args = ['--sampler', 'grid', '--cv', '4', '--workers', '2', '--retries', '1000', '--set', 'pause=120']
    await killStudies(30, 'thirty families', { other: { file, args, again: 4 }, tell: (text) => t.diagnostic(text) })
  })

  test('a worker that is frozen is noticed within 5 s, ended, and its trial goes on with another', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const program = place.tune(...plain, '--set', 'epochs=30', '--set', 'pause=200')
    await place.until(({ trials }) => trials.filter(({ reports }) => reports.length >= 3).length >= 2)
    const [frozen] = program.workers()
    process.kill(frozen as number, 'SIGSTOP')
    const began = performance.now()
    await place.until((_, log) => log.some(({ event }) => event.kind === 'return'), 10_000)
    const took = performance.now() - began
    assert.ok(took < 5000, `it took ${took} ms`)
    const { log } = await place.read()
    const returned = log.find(({ event }) => event.kind === 'return')?.event
    assert.ok(returned?.kind === 'return' && returned.why === 'lost')
    assert.match(returned.reason, /frozen/)
    await place.until(({ trials }) => trials[returned.trial]?.attempts.length === 2)
    program.process.kill('SIGINT')
    assert.equal(await program.exit, 130)
    assert.equal(await place.tune(...plain, '--set', 'epochs=30', '--set', 'pause=200', '--trials', '2').exit, 0)
  })

  test('a worker that is asked to go keeps a checkpoint: its trial is preempted, not lost, and no report is repeated', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const args = [...plain, '--set', 'epochs=12', '--set', 'pause=60', '--retries', '0']
    const program = place.tune(...args)
    for (let asked = 0; asked < 6; asked++) {
      await rest(150)
      await place.until(
        ({ trials, status }) => status !== 'running' || trials.some(({ state, reports }) => state === 'running' && reports.length >= 1),
      )
      const [worker] = program.workers()
      if (worker !== undefined) process.kill(worker, 'SIGTERM')
    }
    assert.equal(await program.exit, 0, program.stderr())
    const { trials } = await place.check(4)
    assert.deepEqual(
      trials.map(({ state }) => state),
      Array(4).fill('finished'),
    )
    const how = trials.flatMap(({ attempts }) => attempts.map(({ how }) => how))
    assert.ok(how.includes('preempted') && !how.includes('lost'), String(how))
    const { log } = await place.read()
    const reports = log.flatMap(({ event }) => (event.kind === 'report' ? [`${event.trial} ${event.step}`] : []))
    assert.equal(reports.length, new Set(reports).size)
  })
})
