import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StudyEvent } from '../../src/hpo/events.ts'
import { parseEvent } from '../../src/hpo/events.ts'
import type { StudySettings } from '../../src/hpo/index.ts'
import { createLedger, lossesOf, valuesOf } from '../../src/hpo/ledger.ts'
import { type Assignment, type Dimensions, dimensions as d, searchSpace } from '../../src/space/index.ts'
import fc from '../laws.ts'
import { settingsOf } from './world.ts'

const point = { x: 0.5, rate: 0.1, kind: 'a' }

/** A ledger of settings, to which events were applied one millisecond after the other. */
function ledgerOf(events: readonly StudyEvent[], change: Partial<StudySettings> = {}) {
  const { objectives, space, defaults } = settingsOf(change)
  const ledger = createLedger({ objectives, space: searchSpace(space, { defaults }), defaults })
  for (const [time, event] of events.entries()) ledger.apply(event, time)
  return ledger
}

const ask = (trial: number, assignment: Assignment = point): StudyEvent => ({ kind: 'ask', trial, assignment, seed: 1, origin: 'sampler' })
const start = (trial: number, worker = 0): StudyEvent => ({ kind: 'start', trial, worker, attempt: 0 })
const report = (trial: number, step: number, metrics: Record<string, number>, verdict: 'go' | 'stop' | 'pause' = 'go'): StudyEvent => ({
  ...{ kind: 'report', trial, step, metrics, verdict },
})
const end = (trial: number, metrics: Record<string, number>, state: 'finished' | 'pruned' | 'failed' = 'finished'): StudyEvent => ({
  ...{ kind: 'end', trial, state, metrics },
})

suite('reports', () => {
  test('a step that is reported again replaces what it said, and is seen once', () => {
    const { entries } = ledgerOf([ask(0), start(0), report(0, 0, { loss: 3 }), report(0, 1, { loss: 2 }), report(0, 0, { loss: 9 })])
    assert.deepEqual(
      entries[0]?.reports.map(({ step, metrics }) => [step, metrics]),
      [
        [0, { loss: 9 }],
        [1, { loss: 2 }],
      ],
    )
    assert.deepEqual(entries[0]?.view?.reports, [
      { step: 0, loss: 3 },
      { step: 1, loss: 2 },
    ])
  })

  test('two reports of one step are one; the objective counts also when it comes second', () => {
    const { entries } = ledgerOf([
      ask(0),
      start(0),
      report(0, 0, { other: 1 }),
      report(0, 0, { loss: 3 }),
      report(0, 0, { loss: 4, more: 1 }),
    ])
    assert.deepEqual(
      entries[0]?.reports.map(({ metrics }) => metrics),
      [{ other: 1, loss: 4, more: 1 }],
    )
    assert.deepEqual(entries[0]?.view?.reports, [{ step: 0, loss: 3 }])
  })

  test('in whatever order they come, they are kept in order of step, and views only grow', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -3, max: 12 }), fc.boolean())), (steps) => {
        const { entries } = ledgerOf([
          ...[ask(0), start(0)],
          ...steps.map(([step, said], i) => report(0, step, said ? { loss: i } : { other: i })),
        ])
        const kept = entries[0]!.reports.map(({ step }) => step)
        assert.deepEqual(
          kept,
          [...new Set(steps.map(([step]) => step))].sort((a, b) => a - b),
        )
        const seen = entries[0]!.view!.reports.map(({ step }) => step)
        const expected: number[] = []
        for (const [step, said] of steps) if (said && step > (expected.at(-1) ?? -10)) expected.push(step)
        assert.deepEqual(seen, expected)
      }),
    )
  })

  test('NaN is the worst loss, whichever the direction; the infinities keep their side', () => {
    for (const [direction, value, loss] of [
      ['minimize', Number.NaN, Number.POSITIVE_INFINITY],
      ['maximize', Number.NaN, Number.POSITIVE_INFINITY],
      ['minimize', Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      ['maximize', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      ['maximize', 2, -2],
    ] as const) {
      const objectives = [{ metric: 'loss', direction }]
      const { entries } = ledgerOf([ask(0), start(0), report(0, 0, { loss: value })], { objectives })
      assert.equal(entries[0]?.view?.reports[0]?.loss, loss)
    }
  })
})

suite('states', () => {
  test('counts, line and open trials follow from the events', () => {
    const ledger = ledgerOf([ask(0), ask(1), start(1), ask(2), start(2), ask(3), start(3), ask(4), start(4)])
    assert.deepEqual(
      ledger.line.map(({ number }) => number),
      [0],
      'made and not begun: its driver died in between',
    )
    ledger.apply({ kind: 'return', trial: 3, why: 'lost', reason: '' }, 20)
    ledger.apply({ kind: 'return', trial: 1, why: 'preempted', reason: '' }, 21)
    ledger.apply({ kind: 'return', trial: 4, why: 'failed', reason: '' }, 22)
    assert.deepEqual(
      ledger.line.map(({ number }) => number),
      [0, 3, 1, 4],
    )
    assert.deepEqual(
      ledger.entries.map(({ state }) => state),
      ['waiting', 'preempted', 'running', 'waiting', 'waiting'],
    )
    assert.deepEqual([ledger.entries[3]?.losses, ledger.entries[1]?.losses, ledger.entries[4]?.failures], [1, 0, 1])
    ledger.apply(start(3, 7), 23)
    ledger.apply(end(3, { loss: 1 }), 24)
    ledger.apply({ kind: 'pause', trial: 2 }, 25)
    assert.deepEqual(
      ledger.line.map(({ number }) => number),
      [0, 1, 4],
    )
    assert.deepEqual(ledger.counts, { waiting: 3, running: 0, preempted: 1, finished: 1, pruned: 0, failed: 0, lost: 0 })
    assert.deepEqual(
      [...ledger.view.open].map(({ number, paused }) => [number, paused]),
      [
        [0, false],
        [1, false],
        [2, true],
        [4, false],
      ],
    )
    assert.deepEqual(
      ledger.view.ended.map(({ number }) => number),
      [3],
    )
    assert.deepEqual(ledger.entries[3]?.attempts, [
      { worker: 0, begin: 6, end: 20, how: 'lost' },
      { worker: 7, begin: 23, end: 24, how: 'finished' },
    ])
  })

  test('the best is the best finished one, by the first objective; of equals the first', () => {
    for (const [direction, best] of [
      ['minimize', 2],
      ['maximize', 3],
    ] as const) {
      const objectives = [{ metric: 'loss', direction }]
      const ledger = ledgerOf(
        [0, 1, 2, 3, 4, 5].flatMap((trial) => [
          ...[ask(trial), start(trial)],
          trial === 0 ? end(0, { loss: -100 }, 'pruned') : trial === 1 ? end(1, { loss: 100 }, 'failed') : end(trial, { loss: trial % 2 }),
        ]),
        { objectives },
      )
      assert.equal(ledger.best?.number, best)
    }
  })

  test('values of objectives: all of them numbers, or none', () => {
    const objectives = [
      { metric: 'a', direction: 'minimize' },
      { metric: 'b', direction: 'maximize' },
    ] as const
    assert.deepEqual(valuesOf(objectives, { a: 1, b: 2, c: 3 }), [1, 2])
    assert.deepEqual(lossesOf(objectives, [1, 2]), [1, -2])
    assert.equal(valuesOf(objectives, { a: 1 }), undefined)
    assert.equal(valuesOf(objectives, { a: 1, b: Number.NaN }), undefined)
    assert.equal(valuesOf([{ metric: 'toString', direction: 'minimize' }], {}), undefined)
  })

  test('what was waited for is over when another driver begins', () => {
    const settings = settingsOf()
    const ledger = ledgerOf([
      { kind: 'open', settings },
      { kind: 'waiting', reason: 'for memory' },
    ])
    assert.equal(ledger.waiting, 'for memory')
    ledger.apply({ kind: 'open', settings }, 3)
    assert.equal(ledger.waiting, undefined)
  })

  test('a log that speaks of trials it never made, or made twice, is corrupt', () => {
    assert.throws(() => ledgerOf([start(0)]), { code: 'STUDY_CORRUPT' })
    assert.throws(() => ledgerOf([ask(0), ask(0)]), { code: 'STUDY_CORRUPT' })
    assert.throws(() => ledgerOf([ask(1)]), { code: 'STUDY_CORRUPT' })
  })
})

suite('a space that has changed', () => {
  const defaults = { x: 0, rate: 0.1, kind: 'a', flag: false }
  const open = (space: Dimensions, change: Partial<StudySettings['defaults']> = {}): StudyEvent => ({
    kind: 'open',
    settings: settingsOf({ space, defaults: { ...defaults, ...change } as StudySettings['defaults'] }),
  })
  const xOnly = { x: d.uniform(-1, 1) }

  test('a trial keeps the config it was run with, whatever the defaults are by now', () => {
    const ledger = ledgerOf([open(xOnly, { rate: 0.7 }), ask(0, { x: 0.5 }), open(settingsOf().space), ask(1)], {
      space: settingsOf().space,
    })
    assert.deepEqual(ledger.entries[0]?.config, { x: 0.5, rate: 0.7, kind: 'a', flag: false })
    assert.deepEqual(ledger.entries[0]?.view?.assignment, { x: 0.5, rate: 0.7, kind: 'a' }, 'and is shown with it')
    assert.equal(ledger.entries[1]?.config.rate, 0.1)
  })

  test('a wider space shows older trials, with the config’s value for what is new; a narrower one not those outside', () => {
    const wide = { ...xOnly, x: d.uniform(-5, 5), flag: d.boolean() }
    const events = [open(xOnly), ask(0, { x: 0.5 }), ask(1, { x: -0.9 })]
    assert.deepEqual(
      ledgerOf(events, { space: wide }).view.trials.map(({ assignment }) => assignment),
      [
        { x: 0.5, flag: false },
        { x: -0.9, flag: false },
      ],
    )
    const narrow = ledgerOf(events, { space: { x: d.uniform(0, 1) } })
    assert.deepEqual(
      narrow.view.trials.map(({ number }) => number),
      [0],
    )
    assert.equal(narrow.entries.length, 2, 'it is still a trial of the study')
  })

  test('what is no longer searched is fixed: trials with another value of it are not shown', () => {
    const space = { ...xOnly, kind: d.choice(['a', 'b']) }
    const events = [open(space), ask(0, { x: 0.5, kind: 'a' }), ask(1, { x: 0.5, kind: 'b' })]
    const ledger = ledgerOf(events, { space: xOnly, defaults: { ...defaults, kind: 'b' } })
    assert.deepEqual(
      ledger.view.trials.map(({ number, assignment }) => [number, assignment]),
      [[1, { x: 0.5 }]],
    )
  })

  test('points that wait to be tried are tried where they lie in the space, each once', () => {
    const enqueue = (assignment: Assignment): StudyEvent => ({ kind: 'enqueue', assignment })
    const tried = (trial: number, assignment: Assignment): StudyEvent => ({ kind: 'ask', trial, assignment, seed: 1, origin: 'enqueued' })
    const events = [open(xOnly), enqueue({ x: 0.9 }), enqueue({ x: 0.1 }), enqueue({ x: 0.2 })]
    const narrow = { space: { x: d.uniform(0, 0.5) } }
    const ledger = ledgerOf(events, narrow)
    assert.deepEqual(ledger.queued, { x: 0.1 }, 'the first has no place here')
    ledger.apply(tried(0, { x: 0.1 }), 9)
    assert.deepEqual(ledger.queued, { x: 0.2 })
    // In a third session, wide again and with one dimension more.
    const later = ledgerOf([...events, tried(0, { x: 0.1 })], { space: { ...xOnly, flag: d.boolean() } })
    assert.deepEqual(later.queued, { x: 0.9, flag: false })
    later.apply(tried(1, { x: 0.9, flag: false }), 10)
    later.apply(tried(2, { x: 0.2, flag: false }), 11)
    assert.equal(later.queued, undefined)
  })

  test('what an older study found is shown as trials with negative numbers', () => {
    const warm = (config: Assignment, values: number[]): StudyEvent => ({ kind: 'warm', config, values })
    const ledger = ledgerOf([warm({ x: 0.5 }, [3]), warm({ x: 7 }, [1]), warm({ x: 0.1, more: 1 }, [2])], { space: xOnly })
    assert.deepEqual(
      ledger.view.trials.map(({ number, state, losses, assignment }) => [number, state, losses, assignment]),
      [
        [-1, 'finished', [3], { x: 0.5 }],
        [-2, 'finished', [2], { x: 0.1 }],
      ],
    )
    assert.equal(ledger.entries.length, 0)
    assert.equal(ledger.best, undefined)
  })
})

test('events are read as they were written; those of later versions are passed over, those that are wrong are told', () => {
  const events: StudyEvent[] = [
    { kind: 'open', settings: settingsOf({ defaults: { x: Number.NaN } }) },
    ...[ask(0), start(0), report(0, 1, { loss: Number.NaN }), end(0, { loss: Number.POSITIVE_INFINITY })],
    { kind: 'end', trial: 0, state: 'failed', metrics: {}, error: { message: 'mine' } },
    { kind: 'return', trial: 0, why: 'failed', reason: 'mine' },
    { kind: 'waiting', reason: null },
  ]
  for (const { kind, ...data } of events) assert.deepEqual(parseEvent(kind, data as never), { kind, ...data })
  assert.equal(parseEvent('dream', {}), undefined)
  assert.equal(parseEvent('__proto__', {}), undefined)
  assert.throws(() => parseEvent('report', { trial: 0 }))
})
