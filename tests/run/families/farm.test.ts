/** Workers that die, say nothing, or say what makes no sense: each unit is done once, or its trials fail with a sentence. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Worker } from '../../../src/cluster/index.ts'
import { virtualClock } from '../../../src/core/clock.ts'
import type { Json } from '../../../src/core/json.ts'
import { createBook } from '../../../src/run/families/book.ts'
import { createFarm, type FarmOptions } from '../../../src/run/families/farm.ts'
import type { FromFarm } from '../../../src/run/families/protocol.ts'

const forgetful = { recall: () => undefined, keep() {} }
const hash = (letter: string) => letter.repeat(64)
const configs = [1, 2, 3, 4].map((n) => ({ n }))

interface Puppet {
  readonly heard: FromFarm[]
  readonly worker: Worker
  memory: number | undefined
  killed: string | undefined
  say(body: object, bytes?: Uint8Array): void
  die(reason: string): void
}

/** A worker that the test speaks for. */
function puppet(rank: number): Puppet {
  const lost = Promise.withResolvers<string>()
  const heard: FromFarm[] = []
  let receive: (message: { body: Json; bytes?: Uint8Array }) => void = () => undefined
  const self: Puppet = {
    heard,
    memory: undefined,
    killed: undefined,
    say: (body: object, bytes?: Uint8Array) => receive({ body: body as Json, ...(bytes && { bytes }) }),
    die: (reason: string) => lost.resolve(reason),
    worker: {
      ...{ rank, generation: 0, title: `puppet ${rank}`, lost: lost.promise },
      get memory() {
        return self.memory
      },
      kill(reason: string) {
        self.killed = reason
        lost.resolve(reason)
      },
      connection: {
        ...{ peer: 'puppet', pending: 0, closed: new Promise<string>(() => {}), close() {} },
        send: (body: Json) => void heard.push(body as unknown as FromFarm),
        onMessage: (use: typeof receive) => {
          receive = use
        },
      },
    } as unknown as Worker,
  }
  return self
}

/** A farm whose four configurations are two families of two folds, and its workers. */
async function farmWith(workers: number, options: Partial<FarmOptions> = {}) {
  const clock = virtualClock()
  let left = [...configs]
  const ahead = (count: number) => {
    const some = left.slice(0, count)
    left = left.slice(count)
    return some
  }
  const failures: unknown[] = []
  const farm = createFarm({
    ...{ clock, seed: 7, workers: () => workers, threads: 1, retries: 2, book: createBook(ahead, forgetful, 100) },
    onFailure: (error) => failures.push(error),
    ...options,
  })
  const puppets = Array.from({ length: workers }, (_, rank) => puppet(rank))
  for (const { worker } of puppets) farm.attach(worker)
  for (const { say } of puppets) say({ kind: 'ready' })
  const [first] = puppets as [Puppet]
  const plan = first.heard.at(-1)
  assert.ok(plan?.kind === 'plan')
  assert.deepEqual(plan.configs, configs)
  first.say({
    ...{ kind: 'planned', task: plan.task, failed: [] },
    groups: [
      { members: [0, 1], keys: [hash('a'), hash('b')], folds: 2, hash: hash('1') },
      { members: [2, 3], keys: [hash('c'), hash('d')], folds: 2, hash: hash('2') },
    ],
  })
  first.say({ kind: 'ready' })
  assert.equal(await farm.planned, true)
  return { farm, puppets, clock, failures }
}

type Unit = Extract<FromFarm, { kind: 'unit' }>

function unitOf({ heard }: Puppet): Unit {
  const last = heard.at(-1)
  assert.ok(last?.kind === 'unit', JSON.stringify(last))
  return last
}
const answer = (unit: Unit) => ({
  ...{ kind: 'answer', task: unit.task },
  answers: unit.configs.map(({ n }) => ({ metrics: { value: (n as number) + unit.fold / 10 } })),
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

suite('a farm', () => {
  test('those that have nothing to do while one plans load the data', async () => {
    const { puppets } = await farmWith(2)
    assert.deepEqual(
      puppets[1]?.heard.map(({ kind }) => kind),
      ['prepare', 'unit'],
    )
  })

  test('finds out how long each family takes first, and then gives out the longest', async () => {
    const { puppets, clock } = await farmWith(1)
    const [worker] = puppets as [Puppet]
    const order: [unknown, number][] = []
    for (let i = 0; i < 4; i++) {
      const unit = unitOf(worker)
      const [{ n }] = unit.configs as [{ n: number }]
      order.push([n, unit.fold])
      await clock.advance(n === 3 ? 500 : 100)
      worker.say(answer(unit))
      worker.say({ kind: 'ready' })
    }
    assert.deepEqual(order, [
      [1, 0],
      [3, 0],
      [3, 1],
      [1, 1],
    ])
  })

  test('a unit whose worker died is given to another, and what the dead one still says is not heard', async () => {
    const { farm, puppets } = await farmWith(2)
    const [a, b] = puppets as [Puppet, Puppet]
    const lost = unitOf(a)
    const metrics = farm.metrics(lost.configs[0] as never, lost.fold)
    a.die('SIGKILL')
    await settled()
    a.say({ ...answer(lost), answers: lost.configs.map(() => ({ metrics: { value: 99 } })) })
    for (let i = 0; i < 4; i++) {
      const unit = unitOf(b)
      b.say(answer(unit))
      b.say({ kind: 'ready' })
      if (unit.fold === lost.fold && unit.configs[0]?.n === lost.configs[0]?.n) assert.notEqual(unit.task, lost.task)
    }
    assert.deepEqual(await metrics, { value: (lost.configs[0]?.n as number) + lost.fold / 10 })
    assert.equal(farm.progress().unitsDone, 4)
  })

  test('three workers dead of it are enough: its trials fail with a sentence, and the others do not', async () => {
    const { farm, puppets } = await farmWith(1)
    let [worker] = puppets as [Puppet]
    const failed = assert.rejects(farm.metrics({ n: 1 }, 0), { code: 'FAMILY_LOST', message: /3 workers.*SIGKILL.*--no-share/ })
    let deaths = 0
    while (worker.heard.at(-1)?.kind === 'unit') {
      const unit = unitOf(worker)
      if (unit.fold === 0 && unit.configs[0]?.n === 1) {
        deaths++
        worker.die('SIGKILL')
        await settled()
        worker = puppet(0)
        farm.attach(worker.worker)
      } else {
        worker.say(answer(unit))
        worker.heard.pop()
      }
      worker.say({ kind: 'ready' })
    }
    assert.equal(deaths, 3)
    await failed
    assert.deepEqual(await farm.metrics({ n: 4 }, 1), { value: 4.1 })
  })

  test('of a configuration of which each worker dies that looks at it, the others are planned without it', async () => {
    const clock = virtualClock()
    let left = [...configs]
    const ahead = (count: number) => left.splice(0, count)
    const farm = createFarm({
      ...{ clock, seed: 7, workers: () => 1, threads: 1, retries: 1, book: createBook(ahead, forgetful, 100) },
      onFailure: (error) => assert.fail(String(error)),
    })
    left = []
    let deaths = 0
    for (let told = 0; told < 4; ) {
      const worker = puppet(0)
      farm.attach(worker.worker)
      worker.say({ kind: 'ready' })
      for (let plan = worker.heard.at(-1); plan?.kind === 'plan' && told < 4; plan = worker.heard.at(-1)) {
        if (plan.configs.some(({ n }) => n === 3)) {
          deaths++
          worker.die('SIGKILL')
          await settled()
          if (plan.configs.length === 1 && deaths > 5) told++
          break
        }
        told += plan.configs.length
        const groups = plan.configs.map((_, member) => ({ members: [member], keys: [hash('a')], folds: 1, hash: hash(String(told)) }))
        worker.say({ kind: 'planned', task: plan.task, failed: [], groups })
        worker.say({ kind: 'ready' })
      }
    }
    await assert.rejects(farm.folds({ n: 3 }), { code: 'FAMILY_LOST' })
    for (const n of [1, 2, 4]) assert.equal(await farm.folds({ n }), 1)
    assert.equal(deaths, 6)
  })

  test('who says what makes no sense is ended', async () => {
    for (const nonsense of [
      { kind: 'unheard of' },
      { kind: 'answer', task: 1, answers: [{ metrics: { value: 1 } }] },
      { kind: 'planned', task: 1, groups: [], failed: [] },
      { kind: 'ready' },
      { kind: 'answer', task: 1, answers: [{ metrics: { value: 'one' } }, {}] },
    ]) {
      const { puppets } = await farmWith(1)
      const [worker] = puppets as [Puppet]
      worker.say('task' in nonsense ? { ...nonsense, task: unitOf(worker).task } : nonsense)
      assert.match(worker.killed ?? '', /protocol/, JSON.stringify(nonsense))
    }
  })

  test('who is silent for too long, or holds too much, is ended', async () => {
    const { puppets, clock } = await farmWith(1, { silence: 3000 })
    const [silent] = puppets as [Puppet]
    await clock.advance(2000)
    silent.say({ kind: 'progress', task: unitOf(silent).task, done: 1, total: 9 })
    await clock.advance(2000)
    assert.equal(silent.killed, undefined)
    await clock.advance(2000)
    assert.match(silent.killed ?? '', /silence/)
    const big = await farmWith(1, { memoryLimit: 1000 })
    const [worker] = big.puppets as [Puppet]
    const failed = assert.rejects(big.farm.metrics({ n: 1 }, 0), { code: 'FAMILY_LOST', message: /memory/ })
    worker.memory = 2000
    await big.clock.advance(1000)
    await failed
  })

  test('waits for memory, says so, and goes on', async () => {
    let reason: string | undefined = 'for memory'
    const { farm, puppets, clock } = await farmWith(2, { admit: (held) => (held.length > 0 ? reason : undefined) })
    const [a, b] = puppets as [Puppet, Puppet]
    const units = () => [a, b].filter(({ heard }) => heard.at(-1)?.kind === 'unit').length
    assert.equal(units(), 1)
    assert.equal(farm.progress().waiting, 'for memory')
    reason = undefined
    await clock.advance(1000)
    assert.equal(units(), 2)
    assert.equal(farm.progress().waiting, undefined)
  })

  test('a configuration that was not foreseen is planned for when it is asked for', async () => {
    const { farm, puppets } = await farmWith(1)
    const [worker] = puppets as [Puppet]
    const folds = farm.folds({ n: 9 })
    worker.say(answer(unitOf(worker)))
    worker.say({ kind: 'ready' })
    const plan = worker.heard.at(-1)
    assert.ok(plan?.kind === 'plan')
    assert.deepEqual(plan.configs, [{ n: 9 }])
    worker.say({
      ...{ kind: 'planned', task: plan.task, failed: [] },
      groups: [{ members: [0], keys: [hash('e')], folds: 3, hash: hash('3') }],
    })
    assert.equal(await folds, 3)
  })

  test('the last unit gets the threads of those that have nothing to do', async () => {
    const { puppets } = await farmWith(3)
    const threads = puppets.map((one) => unitOf(one).threads)
    const [a] = puppets as [Puppet]
    a.say(answer(unitOf(a)))
    a.say({ kind: 'ready' })
    assert.deepEqual([threads, unitOf(a).threads], [[1, 1, 1], 3])
  })
})
