/** What a study promises holds on a Ray cluster too. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { fromText } from '../../../src/core/json.ts'
import { root, start, temporary } from '../../run/place.ts'
import { placeIn } from '../../run/trials/program.ts'
import { bitsOf, lasting, onRay, plain, runningOf } from './killing.ts'
import { endOf, nothingLeft, rest, threeNodes, until } from './world.ts'

const cluster = await threeNodes()
after(() => endOf(cluster))
const hungry = join(import.meta.dirname, 'fixtures/hungry.ts')

suite('a study on a Ray cluster', () => {
  test('trials that are paused go on from their checkpoints, on other nodes than they began on', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const search = ['--sampler', 'random', '--seed', '3', '--pruner', '{"kind":"asha","eta":2}', '--trials', '24']
    const program = place.tune(...onRay(cluster), ...search, '--set', 'epochs=8', '--set', 'pause=150')
    assert.equal(await program.exit, 0, program.stderr())
    const { trials } = await place.check(24)
    const { log } = await place.read()
    assert.ok(
      trials.some(({ state }) => state === 'pruned') && trials.some(({ state }) => state === 'finished'),
      trials.map(({ state }) => state).join(),
    )
    const workers = new Map<number, Set<number>>()
    const steps = new Set<string>()
    for (const { event } of log) {
      if (event.kind === 'start') workers.set(event.trial, (workers.get(event.trial) ?? new Set()).add(event.worker))
      if (event.kind !== 'report') continue
      assert.ok(!steps.has(`${event.trial} ${event.step}`), `trial ${event.trial} reported step ${event.step} twice`)
      steps.add(`${event.trial} ${event.step}`)
    }
    assert.ok(log.some(({ event }) => event.kind === 'pause'))
    assert.ok(
      [...workers.values()].some(({ size }) => size > 1),
      'none went on elsewhere',
    )
    await nothingLeft(cluster)
  })

  test('a trial that holds more memory than it may fails with that sentence; what workers write is shown', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder, hungry)
    const program = place.tune(...onRay(cluster, 2), '--sampler', 'grid', '--memory', '600MB')
    assert.equal(await program.exit, 0, program.stderr())
    const { trials } = await place.check(2)
    for (const { config, state, error } of trials) {
      assert.equal(state, config.megabytes === 2000 ? 'failed' : 'finished')
      if (state === 'failed') assert.match(error?.message ?? '', /held .+ of memory, and a trial may hold/)
    }
    const shown = start([
      'tune',
      hungry,
      ...onRay(cluster, 1),
      '--sampler',
      'grid',
      '--store',
      join(folder.path, 'other'),
      '--set',
      'most=10',
    ])
    assert.equal(await shown.exit, 0, shown.stderr)
    assert.match(shown.stdout + shown.stderr, /I take 10 megabytes/)
    await nothingLeft(cluster)
  })

  test('with five workers and room for three, three work; how many processors are short is said', async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const program = place.tune(...onRay(cluster, 5), ...plain, '--trials', '30', ...lasting(2000, 10))
    await place.until(({ waiting }) => waiting === 'for Ray: 2 CPUs short', 90_000)
    assert.equal(await runningOf(place), 3)
    const show = start(['studies', 'show', 's', '--store', folder.store])
    await show.exit
    assert.match(show.stdout, /waiting for Ray: 2 CPUs short/)
    assert.equal(await program.exit, 0, program.stderr())
    await place.check(30)
    await nothingLeft(cluster)
  })

  test('--workers auto takes what is there, what comes, and does without what goes', async (t) => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const program = place.tune(...onRay(cluster, 'auto'), ...plain, '--trials', '60', ...lasting(2000, 10))
    const strength = (count: number) => until(`${count} trials run`, async () => (await runningOf(place)) === count, 90_000)
    await strength(3)
    await cluster.addNode()
    const began = performance.now()
    await strength(4)
    t.diagnostic(`the node that was added is used after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    cluster.killNode(3)
    await place.until((_, log) => log.some(({ event }) => event.kind === 'return'), 30_000)
    await strength(3)
    assert.equal(await program.exit, 0, program.stderr())
    await place.check(60)
    await nothingLeft(cluster)
  })

  test('Ctrl-C: what runs keeps a checkpoint, nothing of it is left 5 s later, and it goes on without repeating itself', async (t) => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const args = [...onRay(cluster), ...plain, '--trials', '6', ...lasting(3000, 30)]
    const first = place.tune(...args)
    await place.until(({ trials }) => trials.filter(({ reports }) => reports.length >= 2).length >= 3, 90_000)
    const began = performance.now()
    first.process.kill('SIGINT')
    assert.equal(await first.exit, 130)
    await nothingLeft(cluster)
    t.diagnostic(`nothing was left after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const { study } = await place.read()
    assert.ok(study.trials.filter(({ state }) => state === 'preempted').length >= 3)
    assert.equal(await place.tune(...args).exit, 0)
    const { trials } = await place.check(6, 0)
    for (const { attempts } of trials) assert.ok(attempts.every(({ how }) => how === 'finished' || how === 'preempted'))
    await nothingLeft(cluster)
  })

  test('Ctrl-C while it begins: it ends, and nothing of it is left', async () => {
    for (const milliseconds of [700, 1500, 2500]) {
      await using folder = await temporary()
      const place = await placeIn(folder)
      const program = place.tune(...onRay(cluster), ...plain, '--trials', '60', ...lasting(1000))
      await rest(milliseconds)
      program.process.kill('SIGINT')
      const code = await Promise.race([program.exit, rest(15_000)])
      // Before it listens to signals they do what they always do.
      assert.ok(code === 130 || code === 'SIGINT', `${code}: ${program.stderr()}`)
      await nothingLeft(cluster)
    }
  })

  test('the Covertype study comes to what it comes to in processes, bit by bit', { timeout: 300_000 }, async (t) => {
    const data = process.env.TUTTI_DATA
    assert.ok(data, 'set TUTTI_DATA to the folder of the data sets')
    await using folder = await temporary()
    const file = join(root, 'examples/08-covtype/train.ts')
    const results = []
    for (const where of [['--engine', 'processes', '--workers', '2'], onRay(cluster)]) {
      const place = await placeIn(await folderIn(folder.path, where[1] as string), file)
      const began = performance.now()
      const program = place.tune('--sampler', 'grid', '--cv', '5', '--data-dir', data, ...where)
      assert.equal(await program.exit, 0, program.stderr())
      t.diagnostic(`${where[1]}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
      const { best, trials } = fromText(program.stdout().trimEnd().split('\n').at(-1) as string) as Record<string, unknown>
      results.push({ best, trials, all: bitsOf((await place.read()).study) })
    }
    assert.deepEqual(results[1], results[0])
    await nothingLeft(cluster)
  })
})

/** A folder of its own, which goes with the one that it is in. */
async function folderIn(path: string, name: string) {
  return { path: join(path, name), store: join(path, name, 'store'), file: () => Promise.reject(), async [Symbol.asyncDispose]() {} }
}
