import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { virtualClock } from '../../src/core/clock.ts'
import { random } from '../../src/core/random.ts'
import type { StudyEvent } from '../../src/hpo/events.ts'
import { createStudy, memoryLog, readStudy, samplers, simulate } from '../../src/hpo/index.ts'
import {
  type Computed,
  checkLaws,
  checkReplay,
  createWorld,
  curveTraining,
  drivenThrough,
  finite,
  partsOf,
  session,
  settingsOf,
} from './world.ts'

const pruners = [{ kind: 'none' }, { kind: 'asha' }, { kind: 'median' }, { kind: 'hyperband' }, { kind: 'pbt', population: 5, interval: 2 }]

suite('kills at random moments', () => {
  test('50 studies, each with its driver and its workers killed several times: each trial ends once, none is repeated', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const chance = random(seed).fork('kills')
      const world = createWorld(seed)
      const computed: Computed = new Map()
      const settings = settingsOf({ seed, workers: 1 + chance.int(8), retries: 100, pruner: pruners[seed % pruners.length]! })
      const kills = Array.from({ length: 1 + chance.int(5) }, () => 1 + chance.int(200))
      try {
        const crashes = { chance: 0.1 * chance.uniform(), restart: 1500 }
        await drivenThrough(world, kills, { settings, seed, crashes, training: curveTraining(computed) })
        const log = await world.log()
        checkLaws(log, 20)
        await checkReplay(log)
        assert.deepEqual(world.checkpoints, [], 'no checkpoint is left')
        checkComputed(computed, await readStudy(world, 'study'))
      } catch (error) {
        throw new Error(`seed ${seed}, killed after ${kills} writes`, { cause: error })
      }
    }
  })

  test('8 workers and 200 trials give exactly 200, whoever dies meanwhile', async () => {
    const world = createWorld(1)
    const settings = settingsOf({ workers: 8, wanted: { trials: 200 }, retries: 2 })
    await drivenThrough(world, [700, 30, 600], { settings, crashes: { chance: 0.04, restart: 500 } })
    checkLaws(await world.log(), 200)
    const { trials } = await readStudy(world, 'study')
    assert.equal(trials.length, 200)
    const lost = trials.filter(({ state }) => state === 'lost')
    for (const { attempts } of lost) assert.equal(attempts.filter(({ how }) => how === 'lost').length, 3)
    assert.equal(trials.filter(({ state }) => state === 'finished').length, 200 - lost.length)
    for (const { attempts } of trials) assert.ok(attempts.filter(({ how }) => how === 'lost').length <= 3)
  })

  test('configs that always kill their worker are given up, and the study goes on', async () => {
    const world = createWorld()
    const settings = settingsOf({ workers: 3, wanted: { trials: 30 }, retries: 2 })
    const crashes = { chance: ({ kind }: Readonly<Record<string, unknown>>) => (kind === 'b' ? 1 : 0), restart: 100 }
    await drivenThrough(world, [], { settings, crashes })
    checkLaws(await world.log(), 30)
    const { trials } = await readStudy(world, 'study')
    assert.ok(trials.some(({ config }) => config.kind === 'b'))
    for (const { config, state, attempts } of trials) {
      assert.equal(state, config.kind === 'b' ? 'lost' : 'finished')
      assert.equal(attempts.length, config.kind === 'b' ? 3 : 1)
    }
  })

  test('one that goes on from checkpoints gets through, however often it dies, if its retries allow', async () => {
    const world = createWorld()
    const computed: Computed = new Map()
    const settings = settingsOf({ workers: 2, wanted: { trials: 6 }, retries: 1000 })
    await drivenThrough(world, [], { settings, crashes: { chance: 0.7, restart: 10 }, training: curveTraining(computed) })
    const { trials } = await readStudy(world, 'study')
    assert.equal(trials.filter(({ state }) => state === 'finished').length, 6)
    assert.ok(trials.some(({ attempts }) => attempts.length > 5))
    for (const steps of computed.values()) assert.deepEqual(steps, [1, 1, 1, 1, 1, 1], 'what was reported and kept is never computed again')
  })
})

suite('going on', () => {
  test('stopped and gone on with: what ran goes on from its checkpoint, and nothing is done twice', async () => {
    const world = createWorld()
    const computed: Computed = new Map()
    const settings = settingsOf({ workers: 4 })
    const training = curveTraining(computed)
    for (const [at, kind] of [
      [7_300, 'interrupted'],
      [11_900, 'interrupted'],
      [Number.POSITIVE_INFINITY, 'finished'],
    ] as const) {
      const one = await session(world, {
        settings,
        training,
        meet(driver) {
          if (Number.isFinite(at)) void world.clock.sleep(at).then(() => driver.stop('it was interrupted'))
        },
      })
      assert.deepEqual(one.end?.end.stopped, kind === 'interrupted')
      const study = await readStudy(world, 'study')
      assert.equal(study.status, kind)
      const preempted = study.trials.filter(({ state }) => state === 'preempted')
      assert.equal(preempted.length > 0, kind === 'interrupted')
      assert.ok(study.trials.every(({ attempts }) => attempts.every(({ how }) => how !== 'lost')))
    }
    checkLaws(await world.log(), 20)
    await checkReplay(await world.log())
    assert.equal(computed.size, 20)
    for (const steps of computed.values()) assert.deepEqual(steps, [1, 1, 1, 1, 1, 1])
  })

  test('a study that is finished is finished at once; with more trials it goes on', async () => {
    const world = createWorld()
    const settings = settingsOf({ wanted: { trials: 5 } })
    await drivenThrough(world, [], { settings })
    const before = (await world.log()).length
    const again = await session(world, { settings })
    assert.equal(again.end?.steps, 0)
    assert.deepEqual(
      (await world.log()).slice(before).map(({ event }) => event.kind),
      ['open', 'close'],
    )
    await drivenThrough(world, [], { settings: settingsOf({ wanted: { trials: 9 } }) })
    checkLaws(await world.log(), 9)
    await checkReplay(await world.log())
  })

  test('a trial that is paused is promoted from its checkpoint, and what is not is pruned at the end', async () => {
    const world = createWorld()
    const computed: Computed = new Map()
    await drivenThrough(world, [], { settings: settingsOf({ pruner: { kind: 'asha', eta: 2 } }), training: curveTraining(computed) })
    const { trials } = await readStudy(world, 'study')
    const promoted = trials.filter(({ attempts }) => attempts.some(({ how }) => how === 'paused') && attempts.length > 1)
    assert.ok(promoted.length > 0)
    assert.ok(trials.some(({ state }) => state === 'pruned'))
    assert.ok(trials.some(({ state }) => state === 'finished'))
    for (const steps of computed.values()) assert.ok([...steps].every((count) => count === 1))
  })
})

suite('the tool', () => {
  test('trials of a second on 16 workers take as long as they must, and not a millisecond more', async () => {
    const world = createWorld()
    const training = curveTraining(new Map(), { steps: () => 1, duration: () => 1000 })
    const one = await session(world, { settings: settingsOf({ workers: 16, wanted: { trials: 400 } }), training })
    assert.equal(one.end?.milliseconds, 25_000)
    assert.equal(one.end?.busy, 400_000)
  })

  test('a thousand workers, stragglers and crashes among them', async () => {
    const events: StudyEvent[] = []
    const settings = settingsOf({ workers: 1000, wanted: { trials: 3000 }, pruner: { kind: 'asha' } })
    const clock = virtualClock()
    const study = createStudy(settings, await partsOf(settings), [], clock.now, (event) => void events.push(event))
    study.emit({ kind: 'open', settings })
    const simulated = await simulate({
      ...{ study, log: memoryLog(), clock, workers: 1000, training: curveTraining(), latency: 2 },
      ...{ stragglers: { share: 0.1, factor: 4 }, crashes: { chance: 0.002, restart: 5000 } },
    })
    checkLaws(
      events.map((event) => ({ event, time: 0 })),
      3000,
    )
    assert.ok(simulated.crashes > 0)
    const workers = new Set(events.flatMap((event) => (event.kind === 'start' ? [event.worker] : [])))
    assert.equal(workers.size, 1000)
    await checkReplay(events.map((event) => ({ event, time: 0 })))
  })

  test('trials that take different times do not wait for each other', async () => {
    const world = createWorld()
    const settings = settingsOf({ workers: 4, wanted: { trials: 40 } })
    const one = await session(world, { settings, stragglers: { share: 0.3, factor: 10 } })
    const { milliseconds, busy } = one.end!
    assert.ok(busy / (4 * milliseconds) > 0.6, 'all are busy until the last ones end')
  })

  for (const sampler of Object.keys(samplers)) {
    test(`${sampler}: to maximize is to minimize with the sign turned`, async () => {
      for (const pruner of ['median', 'asha', 'percentile']) {
        const stories: string[] = []
        for (const direction of ['minimize', 'maximize'] as const) {
          const world = createWorld()
          const turned = direction === 'maximize' ? -1 : 1
          const plain = curveTraining()
          const training = {
            ...plain,
            metrics: (...about: Parameters<typeof plain.metrics>) => ({ loss: turned * plain.metrics(...about).loss! }),
          }
          const settings = settingsOf({
            ...{ objectives: [{ metric: 'loss', direction }], sampler: { kind: sampler }, pruner: { kind: pruner } },
            ...{ space: sampler === 'grid' ? finite : settingsOf().space, wanted: { trials: 30 } },
          })
          const { study } = await drivenThrough(world, [], { settings, training })
          const log = await world.log()
          const kept = log.map(({ event, time }) =>
            event.kind === 'ask' ? [time, event.assignment] : event.kind === 'report' ? [time, event.verdict] : [time, event.kind],
          )
          stories.push(JSON.stringify([kept, study?.ledger.best?.number]))
          const values = study!.ledger.entries.flatMap(({ state, values }) => (state === 'finished' ? [values![0]!] : []))
          assert.equal(study!.ledger.best!.values![0], turned === 1 ? Math.min(...values) : Math.max(...values))
        }
        assert.equal(stories[0], stories[1])
      }
    })
  }
})

/** No step of a trial is computed again but for those that a death cost: one each, of the worker or the driver. */
function checkComputed(computed: Computed, { trials }: Awaited<ReturnType<typeof readStudy>>): void {
  for (const { config, attempts, origin } of trials) {
    if (origin === 'pruner') continue
    const steps = computed.get(JSON.stringify(config)) ?? []
    const again = steps.reduce((sum, count) => sum + (count ?? 1) - 1, 0)
    const deaths = attempts.filter(({ how }) => how === 'lost' || how === 'preempted').length
    assert.ok(again <= deaths, `${again} steps were computed again for ${deaths} deaths`)
  }
}
