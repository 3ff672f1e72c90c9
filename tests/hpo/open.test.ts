import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { type Clock, realClock, type VirtualClock } from '../../src/core/clock.ts'
import { openStudy, readStudies, readStudy, type StudySettings, settingsOf as settingsIn } from '../../src/hpo/index.ts'
import { dimensions as d } from '../../src/space/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { checkLaws, createWorld, drivenThrough, partsOf, session, settingsOf } from './world.ts'

interface Open {
  readonly name?: string
  readonly mode?: string
  readonly id?: string
}

async function open(store: Store, clock: Clock | VirtualClock, change: Partial<StudySettings> = {}, about: Open = {}) {
  const settings = settingsOf(change)
  const options = { name: 'curve', mode: 'study', id: 'study', ...about, settings: () => settings, parts: await partsOf(settings) }
  const opening = openStudy(store, clock, options)
  return 'until' in clock ? clock.until(opening) : opening
}

suite('opening a study', () => {
  test('a new one, and one that goes on: settings of before are offered', async () => {
    const world = createWorld()
    const asked: unknown[] = []
    for (const before of [undefined, settingsOf()]) {
      const settings = (last: StudySettings | undefined) => {
        asked.push(last)
        return settingsOf()
      }
      const opened = await openStudy(world, world.clock, {
        name: 'curve',
        mode: 'study',
        id: 'study',
        settings,
        parts: await partsOf(settingsOf()),
      })
      assert.equal(opened.resumed, before !== undefined)
      assert.deepEqual(asked.at(-1), before)
      await opened.writer.finish('interrupted')
    }
    assert.deepEqual(await settingsIn(world, 'study'), settingsOf())
    assert.equal(await settingsIn(world, 'another'), undefined)
  })

  test('a second driver is refused, with who drives it', async () => {
    const world = createWorld()
    await using _ = (await open(world, world.clock)).writer
    await assert.rejects(open(world, world.clock), { code: 'STUDY_DRIVEN', message: /'study' is being driven by a driver/ })
  })

  test('two that begin a study at the same moment: one gets it, the other is refused', async () => {
    const world = createWorld()
    const both = await Promise.allSettled([open(world, world.clock), open(world, world.clock)])
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const refused = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    assert.equal(refused.reason.code, 'STUDY_DRIVEN')
  })

  test('what the driver before wrote while it was ending is not overlooked', async () => {
    const world = createWorld()
    const first = await open(world, world.clock)
    const second = openStudy(world, world.clock, {
      ...{ name: 'curve', mode: 'study', id: 'study', settings: () => settingsOf(), parts: await partsOf(settingsOf()) },
    })
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    const next = first.study.next(0)
    assert.ok(next.kind === 'trial')
    first.study.end(next.trial, 'finished', { loss: 1 })
    await first.writer.finish('finished')
    const opened = await world.clock.until(second)
    assert.equal(opened.study.ledger.counts.finished, 1)
    const other = opened.study.next(0)
    assert.equal(other.kind === 'trial' && other.trial.number, 1)
    await opened.writer.finish('interrupted')
  })

  const changes: [string, Partial<StudySettings>, Open, string, RegExp][] = [
    [
      'another objective',
      { objectives: [{ metric: 'loss', direction: 'maximize' }] },
      {},
      'STUDY_CHANGED',
      /'minimize loss' and is now 'maximize loss'/,
    ],
    ['another training', {}, { name: 'other' }, 'STUDY_CHANGED', /training was 'curve' and is now 'other'/],
    ['another mode', {}, { mode: 'ablation' }, 'STUDY_CHANGED', /of mode 'study' and not 'ablation'/],
    ['another seed', { seed: 5 }, {}, 'STUDY_CHANGED', /seed was 1 and is now 5/],
    [
      'another value of what is not searched',
      { defaults: { ...settingsOf().defaults, flag: true } },
      {},
      'STUDY_CHANGED',
      /'flag' was false and is now true/,
    ],
    ['a key less', { defaults: { x: 0, rate: 0.1, kind: 'a' } }, {}, 'STUDY_CHANGED', /'flag' is gone/],
    ['a key more', { defaults: { ...settingsOf().defaults, more: 1 } }, {}, 'STUDY_CHANGED', /'more' is new/],
    ['a space that is empty', { space: {} }, {}, 'SPACE_EMPTY', /empty/],
    ['a sampler that does not fit', { sampler: { kind: 'grid' } }, {}, 'SAMPLER_UNFIT', /grid/],
  ]
  for (const [name, change, about, code, message] of changes) {
    test(`${name} is refused, and the study stays as it was`, async () => {
      const world = createWorld()
      await drivenThrough(world, [], { settings: settingsOf({ wanted: { trials: 2 } }) })
      const before = [await readStudy(world, 'study'), await world.log()]
      await assert.rejects(open(world, world.clock, change, about), { code, message })
      assert.deepEqual([await readStudy(world, 'study'), await world.log()], before)
      assert.equal((before[0] as { status: string }).status, 'finished')
    })
  }

  test('a study that cannot begin leaves nothing behind', async () => {
    const world = createWorld()
    await assert.rejects(open(world, world.clock, { sampler: { kind: 'grid' } }), { code: 'SAMPLER_UNFIT' })
    assert.deepEqual(await readStudies(world), [])
    assert.deepEqual(await world.runs(), [])
  })

  test('what may change does: the space, the sampler, the pruner, the trials, the retries; the default of what is searched', async () => {
    const world = createWorld()
    await drivenThrough(world, [], { settings: settingsOf({ wanted: { trials: 4 } }) })
    const space = { ...settingsOf().space, x: d.uniform(-2, 2), flag: d.boolean() }
    const settings = settingsOf({
      space,
      sampler: { kind: 'sobol' },
      pruner: { kind: 'asha' },
      retries: 9,
      wanted: { trials: 12 },
      defaults: { ...settingsOf().defaults, x: 1 },
    })
    await drivenThrough(world, [], { settings })
    checkLaws(await world.log(), 12)
    const { trials, sampler } = await readStudy(world, 'study')
    assert.equal(sampler, 'sobol')
    assert.ok(trials.slice(0, 4).every(({ config }) => config.flag === false))
    assert.ok(trials.slice(4).some(({ config }) => config.flag === true))
  })

  test('one whose driver was killed before its first word is opened as a new one, and not shown as a study before', async () => {
    const world = createWorld()
    await session(world, { killAfter: 1 })
    assert.deepEqual(
      (await world.runs()).map(({ id }) => id),
      ['study'],
    )
    if ((await world.log()).length === 0) assert.deepEqual(await readStudies(world), [])
    await drivenThrough(world, [], {})
    checkLaws(await world.log(), 20)
    assert.equal((await readStudies(world)).length, 1)
  })

  test('a log with an event that is none is corrupt, and says which', async () => {
    const world = createWorld()
    const opened = await open(world, world.clock)
    opened.writer.event('report', { trial: 'many' })
    opened.writer.event('of a later version', { trial: 'many' })
    await opened.writer.finish('interrupted')
    await assert.rejects(open(world, world.clock), { code: 'STUDY_CORRUPT', message: /event 'report'/ })
    await assert.rejects(readStudy(world, 'study'), { code: 'STUDY_CORRUPT' })
  })
})

suite('checkpoints', () => {
  test('the newest stays, the old one goes; whoever reads while one is replaced gets one of them whole', async () => {
    const world = createWorld(3)
    const { log, writer } = await open(world, world.clock)
    await log.saveCheckpoint(0, Uint8Array.of(0), 0)
    const read: Promise<Uint8Array | undefined>[] = []
    const saved: Promise<void>[] = []
    for (let i = 1; i <= 30; i++) {
      read.push(log.readCheckpoint(0))
      saved.push(log.saveCheckpoint(0, Uint8Array.of(i), i))
      read.push(log.readCheckpoint(0))
    }
    const values = (await Promise.all(read)).map((bytes) => bytes?.[0] as number)
    assert.deepEqual(
      values,
      [...values].sort((a, b) => a - b),
    )
    await Promise.all(saved)
    assert.equal(world.checkpoints.length, 1)
    const dropped = log.dropCheckpoints(0)
    assert.equal(await log.readCheckpoint(0), undefined, 'what is asked for after it was dropped is not there')
    await dropped
    assert.deepEqual(world.checkpoints, [])
    assert.equal(log.dropCheckpoints(0), undefined)
    await writer.finish('interrupted')
  })

  test('those that a killed driver left are found again, and those of ended trials are gone at the end', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const world = createWorld(seed)
      await drivenThrough(world, [100 + seed * 7, 80], { settings: settingsOf({ seed }) })
      assert.deepEqual(world.checkpoints, [])
    }
  })
})

test('with a store on the disk: the same laws, read back by another', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tutti-open-'))
  try {
    const clock = realClock
    {
      await using store = await openStore({ path, clock })
      const { study, writer, log } = await open(store, clock)
      const next = study.next(3)
      assert.ok(next.kind === 'trial')
      study.report(next.trial, 0, { loss: Number.NaN })
      study.report(next.trial, 1, { loss: 2 })
      await log.saveCheckpoint(0, Uint8Array.of(1, 2, 3), 1)
      await log.saveModel(0, new Map([['model.json', Uint8Array.of(7)]]))
      assert.equal((await readStudy(store, 'study')).trials[0]?.state, 'running')
      await assert.rejects(open(store, clock), { code: 'STUDY_DRIVEN', message: /process \d+ on host/ })
      await log.flush(true)
      await writer.finish('interrupted')
    }
    await using store = await openStore({ path, clock })
    const { study, log, writer, resumed } = await open(store, clock)
    assert.equal(resumed, true)
    assert.deepEqual(
      study.ledger.line.map(({ number, state }) => [number, state]),
      [[0, 'preempted']],
    )
    assert.deepEqual([...((await log.readCheckpoint(0)) ?? [])], [1, 2, 3])
    const [trial] = (await readStudy(store, 'stud')).trials
    assert.deepEqual(
      trial?.reports.map(({ metrics }) => metrics.loss),
      [Number.NaN, 2],
    )
    assert.equal(trial?.attempts[0]?.how, 'preempted')
    await assert.rejects(readStudy(store, 'nothing'), { code: 'STUDY_UNKNOWN' })
    await writer.finish('finished')
  } finally {
    await rm(path, { recursive: true, force: true })
  }
})
