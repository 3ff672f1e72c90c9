/** The hosts of a cluster on Ray, played: each worker one place and one end, whatever hosts and nodes do. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { WorkerHandle, WorkerSpec } from '../../../src/cluster/engine.ts'
import { type Crew, createCrew } from '../../../src/cluster/engines/ray/crew.ts'
import { type VirtualClock, virtualClock } from '../../../src/core/clock.ts'
import { random } from '../../../src/core/random.ts'
import { breath, type Played, played } from './played.ts'

interface Stage {
  readonly crew: Crew
  readonly clock: VirtualClock
  /** Numbers of hosts that were asked for, and given back. */
  readonly asked: number[]
  readonly dropped: number[]
  launch(rank?: number, generation?: number): WorkerHandle
  /** A host calls. */
  host(number: number, options?: { node?: string; platform?: string; slow?: boolean }): Played
}

function stage(): Stage {
  const clock = virtualClock()
  const asked: number[] = []
  const dropped: number[] = []
  const crew = createCrew({
    clock,
    platform: 'linux-x64',
    order: ({ rank, generation }) => ({ rank, generation }),
    ask: (host) => asked.push(host),
    drop: (host) => dropped.push(host),
  })
  return {
    ...{ crew, clock, asked, dropped },
    launch: (rank = 0, generation = 0) => crew.launch(specOf(rank, generation)),
    host(number, { node = '10.0.0.3', platform = 'linux-x64', slow = false } = {}) {
      const one = played({ slow })
      crew.arrive(one.connection, { role: 'ray', part: 'host', host: number, node, pid: 7, platform })
      return one
    },
  }
}

function specOf(rank: number, generation: number): WorkerSpec {
  return { program: pathToFileURL('/program.ts'), options: {}, rank, generation, address: 'tcp:127.0.0.1:1', token: 't' }
}

/** 'still' where it has not ended. */
async function exitOf(handle: WorkerHandle): Promise<string> {
  return await Promise.race([handle.exit, breath().then(() => 'still')])
}

suite('hosts on Ray', () => {
  test('a worker has a place when its host has called, and what is said of it is known until it ends', async () => {
    const { crew, asked, launch, host } = stage()
    const worker = launch(3, 1)
    assert.deepEqual(asked, [0])
    assert.equal(worker.title, 'it has no place yet')
    assert.deepEqual([crew.waiting, crew.placed], [1, 0])
    const one = host(0)
    await worker.placed
    assert.deepEqual(one.told, [{ kind: 'begin', rank: 3, generation: 1 }])
    assert.deepEqual([crew.waiting, crew.placed], [0, 1])
    let [signs, output] = [0, '']
    worker.onLife?.(() => signs++)
    worker.onOutput?.((text) => {
      output += text
    })
    one.say({ kind: 'begun', pid: 4711 })
    one.say({ kind: 'alive', memory: 1e6, free: 2e9 })
    one.say({ kind: 'alive', memory: null, free: null })
    assert.equal(worker.memory(), undefined)
    one.say({ kind: 'alive', memory: 3e6, free: 1e9 })
    one.say({ kind: 'output', text: 'hello\n' })
    assert.deepEqual([worker.title, worker.node, signs, output], ['process 4711 on 10.0.0.3', '10.0.0.3', 3, 'hello\n'])
    assert.deepEqual([worker.memory(), worker.free], [3e6, 1e9])
    one.say({ kind: 'ended', reason: 'exit code 7' })
    assert.equal(await worker.exit, 'exit code 7')
    assert.deepEqual([worker.memory(), worker.free], [undefined, undefined])
  })

  test('the next life of a worker begins on the host that is free, and is not mistaken for the last one', async () => {
    const { clock, asked, dropped, launch, host } = stage()
    const first = launch()
    const one = host(0)
    one.say({ kind: 'ended', reason: 'SIGKILL' })
    await clock.advance(3000)
    const second = launch(0, 1)
    assert.deepEqual([asked, dropped], [[0], []])
    assert.deepEqual(one.told.at(-1), { kind: 'begin', rank: 0, generation: 1 })
    const before = one.told.length
    first.kill()
    first.stop()
    await clock.advance(10_000)
    assert.equal(one.told.length, before, 'nobody signals the next one in its place')
    assert.equal(await exitOf(second), 'still')
    assert.equal(one.hungUp(), undefined)
  })

  test('a host that has nothing to do gives its place back', async () => {
    const { crew, clock, dropped, launch, host } = stage()
    launch()
    const one = host(0)
    one.say({ kind: 'ended', reason: 'exit code 0' })
    await clock.advance(3900)
    assert.deepEqual(dropped, [])
    await clock.advance(200)
    assert.deepEqual(dropped, [0])
    assert.match(one.hungUp() ?? '', /nothing to do/)
    assert.equal(crew.placed, 0)
  })

  test('who calls without being asked, twice, or from a machine of another kind is turned away', async () => {
    const { crew, asked, launch, host } = stage()
    const worker = launch()
    assert.match(host(5).hungUp() ?? '', /not needed/)
    const one = host(0)
    assert.match(host(0).hungUp() ?? '', /not needed/)
    assert.equal(one.hungUp(), undefined)
    assert.equal(await exitOf(worker), 'still')
    const other = launch(1)
    const arm = host(asked[1] as number, { platform: 'linux-arm64', node: '10.0.0.9' })
    assert.match(arm.hungUp() ?? '', /no use/)
    assert.match(await other.exit, /10\.0\.0\.9 is linux-arm64.*'platform'/)
    assert.equal(crew.placed, 1)
  })

  test('a host that talks nonsense loses its worker, and no sentence of it is believed', async () => {
    for (const nonsense of [
      'ended',
      null,
      [],
      { kind: 'ended' },
      { kind: 'ended', reason: 7 },
      { kind: 'begun', pid: -1 },
      { kind: 'begun', pid: 1.5 },
      { kind: 'alive', memory: 'much', free: null },
      { kind: 'output', text: 'x'.repeat(2 ** 20 + 1) },
      { kind: 'dance' },
    ]) {
      const { crew, dropped, launch, host } = stage()
      const worker = launch()
      const one = host(0)
      one.say(nonsense as never)
      assert.match(await worker.exit, /its host on 10\.0\.0\.3 is gone \(what it said is no message\)/)
      assert.match(one.hungUp() ?? '', /no message/)
      assert.deepEqual([dropped, crew.placed], [[0], 0])
    }
  })

  test('a host that goes takes its worker along, with the reason', async () => {
    const { crew, launch, host } = stage()
    const [left, killed] = [launch(0), launch(1)]
    const [one, two] = [host(0), host(1)]
    one.cut('the host ends')
    assert.match(await left.exit, /its host on 10\.0\.0\.3 is gone \(the host ends\)/)
    crew.gone({ kind: 'gone', host: 1, reason: 'The actor died: its node was lost', failed: false })
    assert.match(await killed.exit, /is gone \(The actor died: its node was lost\)/)
    assert.match(two.hungUp() ?? '', /node was lost/)
    assert.equal(crew.placed, 0)
  })

  test('a place that goes before it was there is asked for again, as long as somebody wants it; one that fails by itself is not', async () => {
    const { crew, clock, asked, launch } = stage()
    const [patient, impatient, failing] = [launch(0), launch(1), launch(2)]
    const gone = (host: number, failed: boolean) => crew.gone({ kind: 'gone', host, reason: 'cannot reach the driver', failed })
    gone(0, false)
    gone(1, false)
    gone(2, true)
    assert.equal(await failing.exit, 'cannot reach the driver')
    impatient.stop()
    assert.match(await impatient.exit, /before it had a place/)
    await clock.advance(5000)
    assert.deepEqual(asked, [0, 1, 2, 3])
    assert.equal(await exitOf(patient), 'still')
    gone(17, false)
  })

  test('a worker that is killed and does not go within 2 s is given up with its host, which gets nothing else to do', async () => {
    const { crew, clock, asked, dropped, launch, host } = stage()
    const worker = launch()
    const one = host(0, { slow: true })
    worker.kill()
    assert.deepEqual(one.told.at(-1), { kind: 'signal', name: 'SIGKILL' })
    await clock.advance(1900)
    assert.equal(await exitOf(worker), 'still')
    await clock.advance(200)
    assert.equal(await worker.exit, 'SIGKILL')
    assert.deepEqual([dropped, crew.placed], [[0], 0])
    launch(0, 1)
    assert.deepEqual(asked, [0, 1])
    assert.equal(one.told.length, 2)
    // The news of its end comes late, and harms nobody.
    one.cut()
    const two = host(1)
    await clock.advance(20_000)
    assert.equal(two.hungUp(), undefined)
    assert.equal(crew.placed, 1)
  })

  test('asked to go, it is told so; without a place it is gone at once, and the place is given back', async () => {
    const { clock, dropped, launch, host } = stage()
    const [placed, waiting] = [launch(0), launch(1)]
    const one = host(0)
    placed.stop()
    waiting.stop()
    assert.deepEqual(one.told.at(-1), { kind: 'signal', name: 'SIGTERM' })
    assert.match(await waiting.exit, /before it had a place/)
    assert.deepEqual(dropped, [1])
    assert.match(host(1).hungUp() ?? '', /not needed/)
    await clock.advance(60_000)
    assert.equal(await exitOf(placed), 'still', 'how long it has is the decision of the cluster')
  })

  test('another manager is asked for all that have no place; a refusal ends them', async () => {
    const { crew, asked, launch, host } = stage()
    const workers = [launch(0), launch(1), launch(2)]
    host(1)
    asked.length = 0
    crew.askAgain()
    assert.deepEqual(asked, [0, 2])
    crew.refuse('nothing will come')
    assert.deepEqual(await Promise.all(workers.map(exitOf)), ['nothing will come', 'still', 'nothing will come'])
    assert.equal(crew.waiting, 0)
  })

  test('closed, it says goodbye to all, and whoever calls later is turned away', async () => {
    const { crew, clock, asked, launch, host } = stage()
    launch(0)
    launch(1)
    launch(2)
    const one = host(0)
    crew.gone({ kind: 'gone', host: 2, reason: 'its node was lost', failed: false })
    crew.greet()
    crew.close()
    assert.deepEqual(one.told.slice(1), [{ kind: 'ping' }, { kind: 'bye' }])
    assert.match(one.hungUp() ?? '', /done/)
    assert.match(host(1).hungUp() ?? '', /not needed/)
    await clock.advance(60_000)
    assert.deepEqual(asked, [0, 1, 2])
  })

  test('whatever happens in whatever order: a host has one worker at a time, each worker one place and one end', async () => {
    for (let seed = 0; seed < 60; seed++) await chaos(seed)
  })
})

/** Plays a seeded evening; the laws are checked all along. */
async function chaos(seed: number): Promise<void> {
  const chance = random(seed)
  const { crew, clock, asked, dropped, launch, host } = stage()
  const workers: { handle: WorkerHandle; rank: number; ends: number }[] = []
  const hosts: { number: number; played: Played; busy: number | undefined; heard: number }[] = []
  const placed = new Set<number>()
  const one = <T>(of: readonly T[]): T | undefined => of[chance.int(Math.max(1, of.length))]
  /** What hosts were told since the last look. */
  const look = () => {
    for (const each of hosts) {
      for (; each.heard < each.played.told.length; each.heard++) {
        const message = each.played.told[each.heard]
        if (message?.kind !== 'begin') continue
        assert.equal(each.busy, undefined, `seed ${seed}: a host has one worker at a time`)
        assert.ok(!placed.has(message.rank as number), `seed ${seed}: worker ${message.rank} has one place`)
        placed.add(message.rank as number)
        each.busy = message.rank as number
      }
    }
    assert.equal(new Set(asked).size, asked.length, `seed ${seed}: no number is given twice`)
    assert.equal(crew.placed, hosts.filter(({ played }) => played.hungUp() === undefined).length)
  }
  for (let step = 0; step < 80; step++) {
    const live = hosts.filter(({ played }) => played.hungUp() === undefined)
    const someone = one(live)
    switch (chance.int(9)) {
      case 0:
      case 1: {
        const rank = workers.length
        const worker = { handle: launch(rank), rank, ends: 0 }
        void worker.handle.exit.then(() => worker.ends++)
        workers.push(worker)
        break
      }
      case 2:
      case 3: {
        const number = one(asked)
        if (number === undefined) break
        const known = hosts.some((each) => each.number === number)
        const arrived = host(number, { slow: chance.int(3) === 0 })
        if (arrived.hungUp() === undefined) {
          assert.ok(!known && !dropped.includes(number), `seed ${seed}: only who is wanted comes in`)
          hosts.push({ number, played: arrived, busy: undefined, heard: 0 })
        }
        break
      }
      case 4:
        if (someone?.busy === undefined) break
        someone.busy = undefined
        someone.played.say({ kind: 'ended', reason: 'exit code 0' })
        break
      case 5:
        if (!someone) break
        someone.played.connection.close('the host is gone')
        someone.played.cut()
        break
      case 6: {
        const worker = one(workers)?.handle
        if (chance.int(2) === 0) worker?.stop()
        else worker?.kill()
        break
      }
      case 7: {
        const number = one(asked)
        if (number !== undefined) crew.gone({ kind: 'gone', host: number, reason: 'gone', failed: chance.int(2) === 0 })
        break
      }
      case 8:
        await clock.advance(chance.int(3000))
    }
    await breath()
    look()
  }
  for (const each of hosts) {
    each.played.connection.close('the host is gone')
    each.played.cut()
  }
  crew.refuse('it is over')
  await clock.advance(60_000)
  for (const each of hosts) each.played.cut()
  crew.refuse('it is over')
  await breath()
  for (const { ends, rank } of workers) assert.equal(ends, 1, `seed ${seed}: worker ${rank} ends once`)
  for (const { handle } of workers) assert.equal(handle.memory(), undefined)
}
