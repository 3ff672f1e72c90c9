/** What fits on the nodes of Ray, what is short, and how many workers there are to be. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { describe, fitting, largest, shortage } from '../../../src/cluster/engines/ray/shortage.ts'
import { sizing } from '../../../src/cluster/sizing.ts'
import { virtualClock } from '../../../src/core/clock.ts'
import { random } from '../../../src/core/random.ts'

const node = (total: Record<string, number>, free = total) => ({ address: '10.0.0.2', total, free })
const one = { CPU: 1 }

suite('what Ray is short of', () => {
  test('processors, memory and others that are missing are counted; enough is nothing', () => {
    const three = [0, 1, 2].map(() => node({ CPU: 1, memory: 2 ** 31 }, { CPU: 0, memory: 2 ** 31 }))
    assert.equal(shortage(three, one, 2), '2 CPUs short')
    assert.equal(shortage(three, one, 1), '1 CPU short')
    assert.equal(shortage([...three, node(one)], one, 1), undefined)
    assert.equal(shortage([...three, node(one)], one, 2), '1 CPU short')
    assert.equal(shortage(three, { CPU: 0, memory: 2 ** 32 }, 3), '6.0 GiB of memory short')
    assert.equal(shortage(three, { CPU: 0.5, GPU: 1 }, 2), '1 CPU and 2 GPUs short')
    assert.equal(shortage([node({ CPU: 1 }), node({ CPU: 1 })], { CPU: 2 }, 1), 'no node has 2 CPUs free')
    assert.equal(shortage([], one, 3), '3 CPUs short')
    assert.equal(shortage([], { CPU: 0 }, 3), 'no node has nothing free')
  })

  test('fractions add up, however they are stored', () => {
    assert.equal(fitting([node({ CPU: 0.3 })], { CPU: 0.1 }, 'free'), 3)
    assert.equal(fitting([node({ CPU: 1 - 0.9 })], { CPU: 0.1 }, 'free'), 1)
    assert.equal(largest([node({ CPU: 2 }), node({ CPU: 4 })], { CPU: 8 }), '4 CPUs')
    assert.equal(describe({ CPU: 2, memory: 2 ** 30, TPU: 1 }), '2 CPUs, 1.0 GiB of memory and 1 TPU')
  })
})

suite('how many workers there are to be', () => {
  interface Stage {
    readonly ranks: Set<number>
    readonly placed: Set<number>
    room: number
    most: number
    readonly busy: Set<number>
    clock: ReturnType<typeof virtualClock>
    stop(): void
  }
  function stage(workers: number | 'auto', room: number, most = 1000): Stage {
    const clock = virtualClock()
    const [ranks, placed, busy] = [new Set<number>(), new Set<number>(), new Set<number>()]
    const one: Stage = { ranks, placed, busy, room, most, clock, stop: () => undefined }
    const { stop } = sizing(workers, {
      clock,
      use: { most: () => one.most, isIdle: (rank) => !busy.has(rank) },
      ranks: () => [...ranks],
      room: () => one.room,
      givenUp: () => 0,
      hasPlace: (rank) => placed.has(rank),
      start(rank) {
        assert.ok(!ranks.has(rank))
        ranks.add(rank)
      },
      leave(rank) {
        ranks.delete(rank)
        placed.delete(rank)
      },
    })
    return Object.assign(one, { stop })
  }
  /** Ray gives places as long as it has some. */
  const give = ({ ranks, placed, room }: Stage) => {
    for (const rank of ranks) if (placed.size < room) placed.add(rank)
  }

  test('a number is that number, for good', async () => {
    const three = stage(3, 100)
    three.room = 0
    await three.clock.advance(60_000)
    assert.deepEqual([...three.ranks], [0, 1, 2])
  })

  test('auto grows with the room and asks for a little more; it shrinks when there is less to do, by those that are idle', async () => {
    const auto = stage('auto', 0)
    assert.equal(auto.ranks.size, 1, 'one asks in any case')
    for (const room of [1, 3, 4, 10]) {
      auto.room = room
      for (let second = 0; second < 20; second++) {
        await auto.clock.advance(1000)
        give(auto)
      }
      assert.equal(auto.placed.size, room)
      assert.ok(auto.ranks.size > room && auto.ranks.size <= room + Math.ceil(room / 2), `${auto.ranks.size} ranks for ${room}`)
    }
    for (const rank of [7, 2]) auto.busy.add(rank)
    auto.most = 2
    await auto.clock.advance(2000)
    assert.deepEqual([...auto.placed].sort(), [2, 7])
    assert.equal(auto.ranks.size, 2)
  })

  test('a node that goes takes nobody else along', async () => {
    const auto = stage('auto', 4)
    for (let second = 0; second < 10; second++) {
      await auto.clock.advance(1000)
      give(auto)
    }
    for (const rank of auto.placed) auto.busy.add(rank)
    const before = [...auto.placed]
    auto.placed.delete(before[1] as number)
    auto.room = 3
    await auto.clock.advance(5000)
    assert.deepEqual(
      [...auto.placed].sort(),
      before.filter((rank) => rank !== before[1]),
    )
  })

  test('whatever room and work do, nobody who works is sent away, and none are more than could have something to do', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = random(seed)
      const auto = stage('auto', 2, 20)
      for (let step = 0; step < 50; step++) {
        auto.room = chance.int(8)
        auto.most = chance.int(20)
        for (const rank of auto.placed) if (chance.int(2) === 0) auto.busy.add(rank)
        for (const rank of auto.busy) if (chance.int(3) === 0 || !auto.placed.has(rank)) auto.busy.delete(rank)
        const working = [...auto.busy]
        await auto.clock.advance(1000)
        for (const rank of working) assert.ok(auto.ranks.has(rank), `seed ${seed}: rank ${rank} was sent away`)
        assert.ok(auto.ranks.size <= Math.max(1, auto.most, working.length), `seed ${seed}: ${auto.ranks.size} of ${auto.most}`)
        give(auto)
      }
      auto.stop()
    }
  })
})
