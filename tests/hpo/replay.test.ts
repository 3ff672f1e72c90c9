import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { random } from '../../src/core/random.ts'
import type { Spec } from '../../src/core/registry.ts'
import { pruners, replayLog, replayStudy, samplers } from '../../src/hpo/index.ts'
import type { TimedEvent } from '../../src/hpo/study.ts'
import { type Dimensions, dimensions as d } from '../../src/space/index.ts'
import { checkLaws, checkReplay, createWorld, drivenThrough, partsOf, session, settingsOf, story } from './world.ts'

const narrow: Dimensions = { x: d.quantized(-1, 1, 0.25), kind: d.choice(['a', 'b']) }
const wide: Dimensions = { x: d.quantized(-1.5, 1.5, 0.25), kind: d.choice(['a', 'b', 'c']), flag: d.boolean() }

/** Options that some must be given. */
const given: Record<string, object> = {
  evolution: { population: 4, tournament: 2 },
  nsga2: { population: 4 },
  cmaes: { population: 4 },
  gp: { startup: 4 },
  tpe: { startup: 4 },
  pbt: { perturb: ['x'], population: 6, interval: 2 },
  threshold: { upper: 1.5 },
}
const specOf = (kind: string): Spec => ({ kind, ...given[kind] })
const samplerNames = Object.keys(samplers)
const prunerNames = Object.keys(pruners)
const after = (names: readonly string[], name: string) => names[(names.indexOf(name) + 1) % names.length] as string

for (const sampler of samplerNames) {
  suite(`replay: ${sampler}`, () => {
    for (const pruner of prunerNames) {
      test(`with ${pruner}: killed, gone on with another sampler in a wider space, killed, and gone on with another pruner`, async () => {
        const seed = samplerNames.indexOf(sampler) * 100 + prunerNames.indexOf(pruner)
        const chance = random(seed)
        const world = createWorld(seed)
        const base = settingsOf({ space: narrow, seed, workers: 1 + chance.int(6), retries: 50, wanted: { trials: 8 } })
        const trouble = { crashes: { chance: 0.05, restart: 700 }, stragglers: { share: 0.3, factor: 5 }, seed }
        const first = { ...base, sampler: specOf(sampler), pruner: specOf(pruner) }
        const second = {
          ...base,
          sampler: specOf(after(samplerNames, sampler)),
          pruner: specOf(pruner),
          space: wide,
          wanted: { trials: 12 },
        }
        const third = { ...base, sampler: specOf(sampler), pruner: specOf(after(prunerNames, pruner)), space: wide, wanted: { trials: 16 } }
        await session(world, { ...trouble, settings: first, killAfter: 30 + chance.int(60) })
        await session(world, { ...trouble, settings: second, killAfter: 20 + chance.int(60) })
        const last = await drivenThrough(world, [], { ...trouble, settings: third })
        assert.ok(last.end)
        const log = await world.log()
        checkLaws(log, 16)
        assert.deepEqual(world.checkpoints, [])
        await checkReplay(log)
      })
    }
  })
}

test('replay: several objectives', async () => {
  const world = createWorld()
  const objectives = [
    { metric: 'loss', direction: 'minimize' },
    { metric: 'other', direction: 'maximize' },
  ] as const
  const settings = settingsOf({ objectives, sampler: specOf('nsga2'), retries: 50, wanted: { trials: 30 } })
  await drivenThrough(world, [80, 120], { settings, crashes: { chance: 0.05, restart: 700 } })
  const log = await world.log()
  checkLaws(log, 30)
  await checkReplay(log)
})

suite('replay', () => {
  const played = async (sampler = 'random', pruner = 'asha') => {
    const world = createWorld()
    await drivenThrough(world, [40], { settings: settingsOf({ sampler: specOf(sampler), pruner: specOf(pruner) }) })
    return world
  }
  const tampered = (log: readonly TimedEvent[], kind: string, nth: number, change: (event: Record<string, unknown>) => object) => {
    const at = log.flatMap(({ event }, i) => (event.kind === kind ? [i] : []))[nth] as number
    return log.map((timed, i) =>
      i === at ? ({ ...timed, event: { ...timed.event, ...change({ ...timed.event }) } } as TimedEvent) : timed,
    )
  }

  test('counts what was asked again', async () => {
    const world = await played()
    const log = await world.log()
    const { suggestions, verdicts, differences } = await replayStudy(world, 'study', partsOf)
    assert.deepEqual(differences, [])
    assert.equal(verdicts, log.filter(({ event }) => event.kind === 'report').length)
    assert.ok(suggestions > 20, 'promotions are asked for again too')
  })

  test('finds a suggestion that was changed', async () => {
    const log = await (await played()).log()
    const changed = tampered(log, 'ask', 7, ({ assignment }) => ({ assignment: { ...(assignment as object), x: 0.123 } }))
    const { differences } = await replayLog(changed, partsOf)
    assert.equal(differences[0]?.trial, 7)
    assert.match(differences[0]?.what ?? '', /0\.123/)
  })

  test('finds a verdict that was changed', async () => {
    const log = await (await played('random', 'median')).log()
    const at = log
      .filter(({ event }) => event.kind === 'report')
      .findIndex(({ event }) => event.kind === 'report' && event.verdict === 'stop')
    assert.ok(at >= 0)
    const changed = tampered(log, 'report', at, () => ({ verdict: 'go' }))
    const { differences } = await replayLog(changed, partsOf)
    assert.match(differences[0]?.what ?? '', /the pruner said 'go', and now 'stop'/)
  })

  test('finds a result that was changed, by what the sampler makes of it', async () => {
    const log = await (await played('evolution', 'none')).log()
    const changed = tampered(log, 'end', 0, () => ({ metrics: { loss: -5 } }))
    assert.notDeepEqual((await replayLog(changed, partsOf)).differences, [])
  })

  test('finds another promotion', async () => {
    const log = await (await played()).log()
    const paused = new Set<number>()
    const at = log.findIndex(({ event }) => {
      if (event.kind === 'pause') paused.add(event.trial)
      return event.kind === 'start' && paused.has(event.trial)
    })
    assert.ok(at > 0)
    const { event } = log[at] as TimedEvent
    const other = [...paused].find((trial) => event.kind === 'start' && trial !== event.trial)
    const changed = log
      .slice(0, at + 1)
      .map((timed, i) => (i === at ? ({ ...timed, event: { ...event, trial: other } } as TimedEvent) : timed))
    const { differences } = await replayLog(changed, partsOf)
    assert.equal(differences.length, 1)
  })

  test('the same seed gives the same story, to the millisecond; another seed another one', async () => {
    const run = async (seed: number, simulation: number) => {
      const world = createWorld(7)
      const settings = settingsOf({ seed, sampler: specOf('tpe'), pruner: specOf('hyperband'), wanted: { trials: 30 } })
      await session(world, { settings, seed: simulation, crashes: { chance: 0.05, restart: 300 }, latency: 3, killAfter: 200 })
      await drivenThrough(world, [], { settings, seed: simulation + 1, crashes: { chance: 0.05, restart: 300 }, latency: 3 })
      return story(await world.log())
    }
    const once = await run(1, 1)
    assert.equal(await run(1, 1), once)
    assert.notEqual(await run(2, 1), once)
    assert.notEqual(await run(1, 2), once)
  })
})
