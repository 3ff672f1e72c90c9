/** Whatever of a study on a Ray cluster is killed or frozen, every trial ends once, and as it would have. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { listNodes } from '../../../scripts/cluster/index.ts'
import { temporary } from '../../run/place.ts'
import { placeIn } from '../../run/trials/program.ts'
import {
  alone,
  bitsOf,
  commandOf,
  disturbed,
  gone,
  hostsOn,
  lasting,
  middle,
  one,
  onRay,
  plain,
  runningOf,
  signal,
  summary,
} from './killing.ts'
import { endOf, nothingLeft, rest, threeNodes, until, workersOn } from './world.ts'

const cluster = await threeNodes()
after(() => endOf(cluster))

suite('killed on a Ray cluster', () => {
  test('10 workers', async () => {
    await disturbed({
      ...{ cluster, seed: 'workers', moments: 10, study: alone(90, 300), pause: 900 },
      disturb: (_, chance) => {
        const worker = one(workersOn(cluster), chance)
        return worker !== undefined && signal(worker, 'SIGKILL')
      },
    })
  })

  test('10 actors: Node dies with its host', async () => {
    await disturbed({
      ...{ cluster, seed: 'actors', moments: 10, study: alone(90, 300), pause: 1500 },
      async disturb(_, chance) {
        const host = one(hostsOn(cluster), chance)
        if (!host) return false
        const workers = workersOn(cluster).filter(({ parent }) => parent === host.pid)
        const killed = signal(host, 'SIGKILL')
        await gone(workers, 2000)
        return killed
      },
    })
  })

  test('10 drivers: no Node of theirs lives 5 s later, and the same command goes on', async (t) => {
    const seconds: number[] = []
    await disturbed({
      ...{ cluster, seed: 'drivers', moments: 10, study: alone(60, 300), pause: 2500 },
      async disturb({ program }) {
        const workers = workersOn(cluster)
        const killed = program.process.kill('SIGKILL')
        seconds.push(await gone(workers, 5000))
        await program.exit
        return killed
      },
    })
    t.diagnostic(`workers of a driver that is killed are gone after ${summary(seconds)} s`)
  })

  test('10 raylets: back to full strength within 10 s after Ray has another node', async (t) => {
    const seconds: number[] = []
    let before = cluster.nodes.length - 1
    await disturbed({
      ...{ cluster, seed: 'raylets', moments: 10, study: alone(60, 1500), pause: 1000 },
      async disturb({ place, program }) {
        const strong = () => runningOf(place)
        if ((await strong()) < 3) return false
        cluster.killNode(before)
        await rest(500)
        const node = await cluster.addNode()
        before = cluster.nodes.length - 1
        await until('Ray has it', async () =>
          (await listNodes(cluster.place))?.some(({ id, state }) => id === node.id && state === 'ALIVE'),
        )
        const began = performance.now()
        const over = { is: false }
        void program.exit.then(() => {
          over.is = true
        })
        await until('full strength', async () => over.is || (await strong()) === 3, 60_000)
        if (over.is) return true
        seconds.push((performance.now() - began) / 1000)
        return true
      },
    })
    t.diagnostic(`full strength ${summary(seconds)} s after Ray has the node`)
    // Most of it is Python's start, and the processors of tests are shared.
    assert.ok(seconds.length >= 5 && middle(seconds) <= 10, summary(seconds))
  })
})

suite('shared work on a Ray cluster', () => {
  test('workers, actors and drivers that are killed: the same trials, the same bits', async () => {
    const file = join(import.meta.dirname, '../../run/families/fixtures/stumped.ts')
    const strong = async () => {
      await rest(3000)
      return workersOn(cluster).length >= 3
    }
    const search = ['--sampler', 'grid', '--cv', '4', '--retries', '1000']
    const kinds = ['worker', 'actor', 'driver', 'worker', 'actor', 'worker']
    await disturbed({
      ...{ cluster, seed: 'shared', moments: kinds.length, pause: 1500 },
      study: { file, args: search, pace: ['--set', 'pause=120'], again: 4, strong },
      async disturb({ program }, chance) {
        const [kind] = kinds
        const process = kind === 'driver' ? undefined : one((kind === 'worker' ? workersOn : hostsOn)(cluster), chance)
        const killed = kind === 'driver' ? program.process.kill('SIGKILL') : process !== undefined && signal(process, 'SIGKILL')
        if (killed) kinds.shift()
        if (killed && kind === 'driver') await program.exit
        return killed
      },
    })
  })
})

suite('frozen on a Ray cluster', () => {
  for (const [what, find] of [
    ['worker', workersOn],
    ['host', hostsOn],
  ] as const) {
    test(`a ${what} is noticed, ended and replaced`, async (t) => {
      await using folder = await temporary()
      const place = await placeIn(folder)
      const program = place.tune(...onRay(cluster), ...plain, '--trials', '9', ...lasting(4000, 20))
      await until('three trials run', async () => (await runningOf(place)) === 3, 60_000)
      const [frozen] = find(cluster)
      assert.ok(frozen && signal(frozen, 'SIGSTOP'))
      const began = performance.now()
      await place.until((_, log) => log.some(({ event }) => event.kind === 'return'), 20_000)
      t.diagnostic(`noticed after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      const { log } = await place.read()
      const returned = log.find(({ event }) => event.kind === 'return')?.event
      assert.ok(returned?.kind === 'return' && returned.why === 'lost')
      assert.match(returned.reason, /frozen: no sign of life for 4 s/)
      assert.equal(await program.exit, 0, program.stderr())
      await place.check(9)
      t.diagnostic(`the frozen one was gone ${(await gone([frozen], 15_000)).toFixed(1)} s after the end`)
      await nothingLeft(cluster)
    })
  }

  test("Ray's dashboard: the study goes on, and ends", async () => {
    await using folder = await temporary()
    const place = await placeIn(folder)
    const program = place.tune(...onRay(cluster), ...plain, '--trials', '12', ...lasting(600))
    await until('three trials run', async () => (await runningOf(place)) === 3, 60_000)
    const dashboard = cluster.processes().find(({ pid }) => commandOf(pid).includes('dashboard.py'))
    assert.ok(dashboard && signal(dashboard, 'SIGSTOP'))
    try {
      assert.equal(await Promise.race([program.exit, rest(30_000)]), 0, program.stderr())
      await until('no worker is left', () => workersOn(cluster).length === 0, 5000)
    } finally {
      signal(dashboard, 'SIGCONT')
    }
    assert.equal(bitsOf(await place.check(12)).length, 12)
    await nothingLeft(cluster)
  })
})
