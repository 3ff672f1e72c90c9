/** Supervision, with workers played by the test and under a virtual clock: no waiting, no process. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createCluster, engines, processes, threads } from '../../src/cluster/index.ts'
import { company } from '../../src/cluster/testing/company.ts'
import { memory } from '../../src/net/index.ts'
import { stage } from './actor.ts'

suite('cluster', () => {
  test('a rank is in the making until it dials, and again when it is lost', async () => {
    const { clock, cluster, latest, workers } = await stage({ workers: 2 })
    assert.equal(cluster.starting, 2)
    await latest().dial()
    await clock.advance(0)
    assert.equal(cluster.starting, 1)
    assert.deepEqual([workers[0]?.rank, workers[0]?.generation, workers[0]?.title, workers[0]?.memory], [1, 0, 'worker 1 (actor 2)', 1])
    latest().write('epoch 3\n')
    latest().exit('SIGKILL')
    await clock.advance(2000)
    assert.equal(await workers[0]?.lost, 'SIGKILL')
    assert.equal(cluster.starting, 2)
    assert.deepEqual([latest().spec.rank, latest().spec.generation], [1, 1])
  })

  test('older generations, duplicates, strangers and ranks that do not exist are turned away', async () => {
    const { clock, latest, workers } = await stage()
    const old = latest()
    const connection = await old.dial()
    connection.send('a word')
    await clock.advance(0)
    workers[0]?.kill('fenced')
    await clock.advance(0)
    assert.equal(latest().spec.generation, 1)
    const refused = [
      old.spec,
      { rank: 0, generation: 2 },
      { rank: 1, generation: 1 },
      { rank: -1, generation: 1 },
      { rank: '0' as never, generation: 1 },
    ]
    for (const hello of refused) assert.match(await (await old.dial(hello)).closed, /expected/)
    assert.equal(workers.length, 1)
    await latest().dial()
    assert.match(await (await latest().dial()).closed, /generation 1 of worker 0 is not expected/)
    await clock.advance(0)
    assert.equal(workers.length, 2)
  })

  test('who never says a word is started again with growing pauses, then given up with the reason and the last words', async () => {
    const { clock, cluster, actors, latest, givenUp } = await stage({ attempts: 5 })
    const starts: number[] = []
    for (let i = 0; i < 5; i++) {
      starts.push(clock.now())
      latest().write(`attempt ${i}\nTypeError: x is not a function\n  at line ${i}\n`)
      latest().exit('exit code 1')
      await clock.advance(0)
      while (actors.length === i + 1 && givenUp.length === 0) await clock.advance(10)
    }
    assert.deepEqual(starts, [0, 0, 100, 300, 700])
    assert.equal(givenUp.length, 1)
    assert.equal(givenUp[0]?.[1], 'exit code 1: TypeError: x is not a function\nattempt 4\nTypeError: x is not a function\n  at line 4')
    assert.equal(cluster.starting, 0)
    await clock.advance(100_000)
    assert.equal(actors.length, 5)
  })

  test('who dialled but never spoke counts as one who never came; a word makes up for all of it', async () => {
    const { clock, actors, latest, givenUp } = await stage({ attempts: 2 })
    const live = async (speak: boolean) => {
      const before = actors.length
      const connection = await latest().dial()
      if (speak) connection.send('ready')
      await clock.advance(0)
      latest().exit('SIGSEGV')
      while (actors.length === before && givenUp.length === 0) await clock.advance(100)
    }
    for (const speak of [false, true, false, true, false]) await live(speak)
    assert.equal(givenUp.length, 0)
    await live(false)
    assert.equal(givenUp.length, 1)
  })

  test('a worker that lived for a while is replaced at once; those that die young wait longer and longer, but not for ever', async () => {
    const { clock, actors, latest, workers, givenUp } = await stage()
    const pauses: number[] = []
    const live = async (milliseconds: number) => {
      const before = actors.length
      ;(await latest().dial()).send('ready')
      await clock.advance(milliseconds)
      workers.at(-1)?.kill('the test wants it')
      const died = clock.now()
      await clock.advance(0)
      while (actors.length === before) await clock.advance(50)
      pauses.push(clock.now() - died)
    }
    for (let i = 0; i < 8; i++) await live(0)
    for (let i = 0; i < 3; i++) await live(1500)
    assert.deepEqual(pauses, [0, 100, 200, 400, 800, 1600, 2000, 2000, 0, 0, 0])
    assert.equal(givenUp.length, 0)
  })

  test('who does not dial within a minute is ended and started again', async () => {
    const { clock, actors } = await stage()
    await clock.advance(59_999)
    assert.deepEqual(actors[0]?.log, [])
    await clock.advance(1)
    assert.deepEqual(actors[0]?.log, ['kill'])
    assert.equal(actors.length, 2)
  })

  test('a lost connection ends the worker after a moment; its reason is kept, and a cut says how it ended', async () => {
    const { clock, latest, workers, actors } = await stage()
    const first = await latest().dial()
    await clock.advance(0)
    first.close('the worker program failed: no such column')
    await clock.advance(999)
    assert.deepEqual(latest().log, [])
    await clock.advance(1)
    assert.deepEqual(actors[0]?.log, ['kill'])
    assert.equal(await workers[0]?.lost, 'the worker program failed: no such column')
    await latest().dial()
    await clock.advance(0)
    latest().write('FATAL ERROR: heap out of memory\n----- Native stack trace -----\n')
    latest().exit('SIGABRT')
    await clock.advance(1000)
    assert.equal(await workers[1]?.lost, 'SIGABRT: FATAL ERROR: heap out of memory')
  })

  test('what a worker sent last is delivered, though the news of its end comes first', async () => {
    const { clock, latest, workers, heard } = await stage()
    const connection = await latest().dial()
    await clock.advance(0)
    let lost = false
    void workers[0]?.lost.then(() => (lost = true))
    latest().exit('exit code 0')
    await clock.advance(500)
    assert.equal(lost, false)
    connection.send('the result')
    connection.close('done')
    await clock.advance(0)
    assert.deepEqual(heard, ['the result'])
    assert.equal(lost, true)
  })

  test('nothing of a killed worker is heard any more', async () => {
    const { clock, latest, workers, heard } = await stage()
    const connection = await latest().dial()
    await clock.advance(0)
    connection.send('on its way')
    workers[0]?.kill('enough')
    connection.send('late')
    await clock.advance(0)
    assert.deepEqual(heard, [])
    assert.equal(await workers[0]?.lost, 'enough')
  })

  test('silence is frozen after the patience, counted in looks and not in time', async () => {
    const { clock, latest, workers, actors } = await stage({ signs: true, patience: 800 })
    await latest().dial()
    // Before the first sign silence means nothing.
    await clock.advance(5000)
    latest().live()
    for (let i = 0; i < 10; i++) {
      await clock.advance(700)
      latest().live()
    }
    assert.deepEqual(actors[0]?.log, [])
    await clock.advance(799)
    assert.deepEqual(actors[0]?.log, [])
    await clock.advance(101)
    assert.deepEqual(actors[0]?.log, ['kill'])
    assert.equal(await workers[0]?.lost, 'frozen: no sign of life for 0.8 s')
  })

  test('disposing asks first, ends those who stay after 3 s, and starts nobody again', async () => {
    const { clock, cluster, actors, workers } = await stage({ workers: 2 })
    const connections = await Promise.all(actors.map((actor) => actor.dial()))
    await clock.advance(0)
    let done = false
    const disposing = cluster[Symbol.asyncDispose]().then(() => (done = true))
    await clock.advance(0)
    assert.deepEqual(
      actors.map(({ log }) => log),
      [['stop'], ['stop']],
    )
    for (const connection of connections) assert.equal(await connection.closed, 'the driver is done')
    actors[0]?.exit('exit code 0')
    await clock.advance(2999)
    assert.equal(done, false)
    assert.deepEqual(actors[1]?.log, ['stop'])
    await clock.advance(1)
    await disposing
    assert.deepEqual(actors[1]?.log, ['stop', 'kill'])
    assert.equal(actors.length, 2)
    for (const worker of workers) assert.equal(typeof (await worker.lost), 'string')
    await assert.rejects(actors[0]?.dial() as Promise<unknown>, { code: 'NET_UNREACHABLE' })
  })

  test('refuses what cannot be', async () => {
    const options = { workers: 1, program: new URL('file:///x.ts'), options: null, clock: (await stage()).clock, onWorker: () => {} }
    for (const engine of [threads(), processes()]) {
      await assert.rejects(createCluster({ ...options, engine, transport: memory() }), { code: 'CLUSTER_TRANSPORT' })
    }
    for (const bad of [{ workers: 0 }, { workers: 1.5 }, { patience: 10 }, { patience: Number.NaN }, { attempts: 0 }]) {
      await assert.rejects(createCluster({ ...options, engine: threads(), ...bad }), { code: 'BAD_OPTION' })
    }
    assert.throws(() => processes({ environmnt: {} } as never), { code: 'UNKNOWN_OPTION' })
  })

  test('whoever waits in a test for a worker that never comes is told so', async () => {
    await using lost = await company(engines.inline(), { attempts: 1, options: { failing: [0] } })
    await assert.rejects(lost.worker(0), /rank 0 was given up: .*made to fail/)
    const inline = engines.inline()
    const deadAtFirst = {
      ...inline,
      launch: (spec: Parameters<typeof inline.launch>[0]) =>
        spec.generation > 0
          ? inline.launch(spec)
          : { title: 'nobody', exit: Promise.resolve('SIGKILL'), stop() {}, kill() {}, memory: () => undefined },
    }
    await using late = await company(deadAtFirst)
    await assert.rejects(late.worker(0), /rank 0 was lost before generation 0 came: generation 1 is there/)
    assert.equal((await late.worker(0, 1)).generation, 1)
  })
})
