import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StudyEvent } from '../../src/hpo/events.ts'
import { createStudy, type Pruner, type Sampler, type Study, type StudyParts, type StudySettings } from '../../src/hpo/index.ts'
import { none } from '../../src/hpo/pruners/none.ts'
import { point } from '../../src/hpo/sampler.ts'
import { random } from '../../src/hpo/samplers/random.ts'
import type { TimedEvent } from '../../src/hpo/study.ts'
import { dimensions as d } from '../../src/space/index.ts'
import { checkLaws, settingsOf } from './world.ts'

interface Made {
  readonly study: Study
  readonly log: TimedEvent[]
}

/** A study, and its log from the beginning. */
function made(change: Partial<StudySettings> = {}, parts: Partial<StudyParts> = {}, past: readonly TimedEvent[] = []): Made {
  const log = [...past]
  const settings = settingsOf(change)
  const record = (event: StudyEvent) => void log.push({ event, time: log.length })
  const study = createStudy(settings, { sampler: random(), pruner: none(), ...parts }, past, () => log.length, record)
  study.emit({ kind: 'open', settings })
  return { study, log }
}

function begun(study: Study) {
  const next = study.next(0)
  assert.equal(next.kind, 'trial', JSON.stringify(next))
  return (next as Extract<typeof next, { kind: 'trial' }>).trial
}

suite('what ends a trial', () => {
  test('the objective is checked: missing (with the nearest name), misspelt, NaN', () => {
    const { study, log } = made({ wanted: {} })
    const cases: [Record<string, number>, string, RegExp][] = [
      [{}, 'METRIC_MISSING', /'loss' was never reported.*reports nothing/],
      [{ lose: 1, accuracy: 2 }, 'METRIC_MISSING', /reports lose, accuracy.*'lose'/],
      [{ loss: Number.NaN }, 'METRIC_NAN', /'loss' ended as NaN/],
    ]
    const known = begun(study)
    study.end(known, 'finished', { loss: 1 })
    for (const [metrics, code, sentence] of cases) {
      const trial = begun(study)
      study.end(trial, 'finished', metrics)
      assert.equal(trial.state, 'failed')
      assert.equal(trial.error?.code, code)
      assert.match(trial.error?.message ?? '', sentence)
    }
    const trial = begun(study)
    study.end(trial, 'finished', { loss: Number.NEGATIVE_INFINITY })
    assert.equal(trial.state, 'finished', 'the infinities can be compared')
    checkLaws(log)
  })

  test('an objective that no trial has ever reported ends the study: it is misnamed, and all others would say the same', () => {
    const { study, log } = made({ wanted: {} })
    const trial = begun(study)
    assert.throws(() => study.end(trial, 'finished', { lose: 1 }), { code: 'METRIC_MISSING', message: /Did you mean 'lose'/ })
    assert.equal(trial.state, 'failed')
    checkLaws(log)
  })

  test('what was reported before counts where the end does not say it', () => {
    const { study } = made()
    const trial = begun(study)
    study.report(trial, 0, { loss: 4, other: 1 })
    study.report(trial, 1, { loss: 3 })
    study.end(trial, 'finished', {})
    assert.deepEqual([trial.state, trial.values, trial.metrics], ['finished', [3], { loss: 3, other: 1 }])
  })

  test('of several objectives all must be there', () => {
    const several: Sampler = { name: 'several', multiObjective: true, begin: () => ({ ask: () => point({ x: 0, rate: 0.1, kind: 'a' }) }) }
    const objectives = [
      { metric: 'loss', direction: 'minimize' },
      { metric: 'size', direction: 'maximize' },
    ] as const
    const { study } = made({ objectives }, { sampler: several })
    const [first, second] = [begun(study), begun(study)]
    study.end(second, 'finished', { loss: 1, size: 5 })
    assert.deepEqual(second.view?.losses, [1, -5])
    study.end(first, 'finished', { loss: 1 })
    assert.match(first.error?.message ?? '', /'size' was never reported/)
    assert.throws(() => made({ objectives }, { sampler: { ...several, multiObjective: false } }), { code: 'SAMPLER_ONE_OBJECTIVE' })
  })

  test('a pruned trial has the values of its last report, or none', () => {
    const { study } = made()
    const [reported, silent] = [begun(study), begun(study)]
    study.report(reported, 0, { loss: 2 })
    study.end(reported, 'pruned', {})
    study.end(silent, 'pruned', {})
    assert.deepEqual([reported.values, silent.values, silent.state], [[2], undefined, 'pruned'])
    assert.equal(study.ledger.best, undefined, 'only finished trials are best')
  })
})

suite('what goes back', () => {
  test('losses are counted, preemptions and failures not; each count survives the driver', () => {
    const change = { retries: 2, retryFailed: 1 }
    let { study, log } = made(change)
    const go = () => {
      ;({ study, log } = made(change, {}, log))
    }
    const trial = () => study.ledger.entry(0)
    begun(study)
    for (let i = 0; i < 5; i++) {
      study.giveBack(trial(), 'preempted', 'asked to')
      go()
      assert.equal(begun(study).number, 0)
    }
    for (const state of ['running', 'running', 'lost']) {
      study.giveBack(trial(), 'lost', 'SIGKILL')
      go()
      if (trial().state !== 'lost') assert.equal(begun(study).number, 0)
      assert.equal(trial().state, state)
    }
    const failing = begun(study).number
    study.fail(study.ledger.entry(failing), { message: 'one' })
    go()
    assert.equal(begun(study).number, failing)
    study.fail(study.ledger.entry(failing), { message: 'two' })
    assert.deepEqual([study.ledger.entry(failing).state, study.ledger.entry(failing).error?.message], ['failed', 'two'])
  })

  test('a trial that was made and never begun, for its driver died in between, is begun by the next', () => {
    const { study, log } = made()
    begun(study)
    const again = made(
      {},
      {},
      log.filter(({ event }) => event.kind !== 'start'),
    )
    assert.equal(again.study.ledger.entry(0).state, 'waiting')
    const trial = begun(again.study)
    assert.deepEqual([trial.number, trial.attempts.length], [0, 1])
    assert.equal(begun(again.study).number, 1)
  })

  test('trials that rest are pruned when they are closed, also those that lie outside a space that was narrowed', () => {
    const pruner: Pruner = { name: 'pausing', begin: () => ({ judge: () => 'pause' }) }
    const { study, log } = made({}, { pruner })
    const trial = begun(study)
    study.report(trial, 0, { loss: 1 })
    study.pause(trial)
    const narrow = { x: d.uniform(5, 6), rate: d.logUniform(1e-3, 1), kind: d.choice(['a', 'b']) }
    const later = made({ space: narrow }, { pruner }, log)
    assert.equal(later.study.ledger.entry(0).view, undefined)
    assert.equal(later.study.closePaused(), true)
    assert.equal(later.study.ledger.entry(0).state, 'pruned')
    assert.equal(later.study.closePaused(), false)
  })
})

suite('samplers', () => {
  test('what one throws when it is told does not undo what happened', () => {
    const sampler: Sampler = {
      name: 'mine',
      begin: () => ({
        ask: () => point({ x: 0, rate: 0.1, kind: 'a' }),
        tell() {
          throw new Error('no idea')
        },
      }),
    }
    const { study, log } = made({}, { sampler })
    const trial = begun(study)
    assert.throws(() => study.end(trial, 'finished', { loss: 1 }), { code: 'SAMPLER_THREW', message: /'mine'.*'tell'.*no idea/ })
    assert.equal(log.at(-1)?.event.kind, 'end')
    assert.equal(made({}, {}, log).study.ledger.best?.number, 0, 'with another sampler it goes on')
  })

  test('a point outside, or one that the constraint forbids, is refused with a sentence and makes no trial', () => {
    for (const [assignment, sentence] of [
      [{ x: 3, rate: 0.1, kind: 'a' }, /'mine' suggested a point outside.*'x' is 3/],
      [{ x: 0, rate: 0.1 }, /'kind' has no value/],
      [{ x: -1, rate: 0.1, kind: 'a' }, /constraint/],
      [{ x: Number.NaN, rate: 0.1, kind: 'a' }, /'x' is NaN/],
    ] as const) {
      const sampler: Sampler = { name: 'mine', begin: () => ({ ask: () => point(assignment as never) }) }
      const { study, log } = made({}, { sampler, constraint: ({ x }) => Number(x) >= 0 })
      assert.throws(() => study.next(0), { code: 'SAMPLER_OUTSIDE', message: sentence })
      assert.deepEqual(
        log.map(({ event }) => event.kind),
        ['open'],
      )
    }
  })

  test('one that is done ends the study, one that waits does not; wanted trials are never exceeded', () => {
    const answers: Record<number, ReturnType<ReturnType<Sampler['begin']>['ask']>> = {
      1: { kind: 'wait', reason: 'for its generation' },
      2: { kind: 'done', reason: 'all 2 points were tried' },
    }
    let answer = 0
    const sampler: Sampler = { name: 'mine', begin: () => ({ ask: () => answers[answer] ?? point({ x: 0, rate: 0.1, kind: 'a' }) }) }
    const { study } = made({ wanted: { trials: 3 } }, { sampler })
    begun(study)
    answer = 1
    assert.deepEqual(study.next(0), { kind: 'wait', reason: 'for its generation' })
    answer = 2
    assert.deepEqual(study.next(0), { kind: 'done', reason: 'all 2 points were tried' })
    answer = 0
    begun(study)
    begun(study)
    assert.deepEqual(study.next(0), { kind: 'done', reason: 'all 3 trials were begun' })
    assert.equal(study.wanted, 3)
  })
})

suite('points that are given', () => {
  test('enqueued points come first, in their order, completed by the defaults', () => {
    const { study } = made()
    study.enqueue({ x: 0.5 })
    study.enqueue({ x: -0.5, kind: 'b' })
    assert.deepEqual(begun(study).assignment, { x: 0.5, rate: 0.1, kind: 'a' })
    const second = begun(study)
    assert.deepEqual([second.assignment, second.origin], [{ x: -0.5, rate: 0.1, kind: 'b' }, 'enqueued'])
    assert.equal(begun(study).origin, 'sampler')
  })

  test('the same words said again by the driver that goes on do not try them twice; said twice by one driver they do', () => {
    const first = made()
    for (const x of [0.5, 0.5, 0.1]) first.study.enqueue({ x })
    assert.equal(begun(first.study).config.x, 0.5)
    const second = made({}, {}, first.log)
    for (const x of [0.5, 0.5, 0.1, 0.9]) second.study.enqueue({ x })
    second.study.giveBack(second.study.ledger.entry(0), 'preempted', 'the driver ended')
    const tried = Array.from({ length: 5 }, () => begun(second.study))
    assert.deepEqual(
      tried.map(({ number, config, origin }) => [number, origin === 'enqueued' ? config.x : origin]),
      [
        [0, 0.5],
        [1, 0.5],
        [2, 0.1],
        [3, 0.9],
        [4, 'sampler'],
      ],
    )
  })

  test('what is not in the space, or may not be, is refused with the reason', () => {
    const { study } = made({}, { constraint: ({ x }) => Number(x) >= 0 })
    for (const [config, sentence] of [
      [{ rat: 0.1 }, /'rat' is not in the space.*'rate'/],
      [{ x: 7 }, /'x' is 7, which is not/],
      [{ kind: 'z' }, /'kind' is 'z'/],
      [{ x: -0.5 }, /constraint/],
    ] as const)
      assert.throws(() => study.enqueue(config as never), { code: 'ENQUEUE_OUTSIDE', message: sentence })
    assert.equal(study.ledger.queued, undefined)
  })

  test('a sampler is told what an older study found, and is told so again when it goes on', () => {
    const told: number[] = []
    const sampler: Sampler = {
      name: 'mine',
      begin: () => ({ ask: () => point({ x: 0, rate: 0.1, kind: 'a' }), tell: ({ number }) => void told.push(number) }),
    }
    const { study, log } = made({ objectives: [{ metric: 'loss', direction: 'maximize' }] }, { sampler })
    assert.equal(study.warm({ x: 0.5, rate: 0.1, kind: 'b', flag: true }, [3]), true)
    assert.equal(study.warm({ x: 5, rate: 0.1, kind: 'b' }, [3]), false)
    assert.deepEqual(
      study.ledger.view.ended.map(({ losses }) => losses),
      [[-3]],
    )
    made({}, { sampler }, log)
    assert.deepEqual(told, [-1, -1])
    assert.equal(begun(study).number, 0, 'they are no trials of this study')
  })

  test('a plan is run in its order and to its end', () => {
    const plan = [
      { without: [], seed: 1 },
      { without: ['layer:a'], seed: 1 },
      { without: ['layer:a'], seed: 2 },
    ]
    const { study } = made({ space: {}, wanted: { trials: 3 } }, { plan })
    const trials = plan.map(() => begun(study))
    assert.deepEqual(
      trials.map(({ without, seed }) => ({ without, seed })),
      plan,
    )
    assert.deepEqual(study.next(0), { kind: 'done', reason: 'all 3 trials were begun' })
  })
})
