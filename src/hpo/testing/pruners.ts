/** What every pruner must do, through its contract only. `prunerConformance` is called once for each implementation. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SearchSpace } from '../../space/index.ts'
import type { Move, Pruner, Verdict } from '../pruner.ts'
import { random as randomSampler } from '../samplers/random.ts'
import type { StudySettings } from '../settings.ts'
import { createStudy, type Next, type Study, type TimedEvent } from '../study.ts'
import { endStates, type StudyView } from '../trial.ts'
import { type CurveFamily, curves } from './curves.ts'
import { type CurvePlay, playCurves } from './playCurves.ts'

export interface PrunerConformanceOptions {
  /** Whether a trial that is better than all others at every step always finishes; default true. */
  readonly keepsBest?: boolean
  /** Whether none is stopped of trials that learn alike, however fast their workers are; default true. */
  readonly sparesEquals?: boolean
  /** Whether its decisions are the same for a metric that is maximized as for the negative one that is minimized; default true. */
  readonly symmetric?: boolean
  /** Whether it spends less than training all trials to their end, on curves whose order never changes; default true. */
  readonly saves?: boolean
  /** Trials of each study that is played; default 40. */
  readonly trials?: number
}

/** Reports of a whole training: three rungs of 3. */
const length = 27
const crowds = [1, 3, 16, 64]

export function prunerConformance(name: string, make: () => Pruner, options: PrunerConformanceOptions = {}): void {
  const { keepsBest = true, sparesEquals = true, symmetric = true, saves = true, trials = 40 } = options
  const families = Object.keys(curves) as CurveFamily[]
  const play = (family: CurveFamily, rest: Partial<CurvePlay> = {}) => {
    const of = { curves: curves[family]({ seed: rest.seed ?? 0, length }), trials, ...rest }
    const watched = watch(make(), of.curves.space)
    return { ...playCurves({ ...of, pruner: watched.pruner }), ...watched, of }
  }

  suite(`pruner: ${name}`, () => {
    test('it has its name', () => assert.equal(make().name, name))

    for (const family of families) {
      test(`every trial of a study comes to an end, with any number of workers: ${family} curves`, () => {
        for (const workers of crowds) {
          const { study, done } = play(family, { workers, seed: workers })
          checkEnded(study, trials)
          assert.ok(done)
        }
      })
    }

    test('trials that fail, and workers that die or are taken away, do not trouble it', () => {
      const faults = { failed: 0.01, lost: 0.03, preempted: 0.03 }
      for (const workers of crowds) {
        for (const family of ['exponential', 'troubled'] as const)
          checkEnded(play(family, { workers, seed: workers, faults }).study, trials)
      }
      checkEnded(play('power', { workers: 3, faults: { failed: 1 } }).study, trials)
    })

    test('trials that report nothing, or once, and studies of one trial', () => {
      for (const workers of [1, 16]) {
        for (const short of [0, 1]) checkEnded(play('power', { workers, curves: curves.power({ length: short }) }).study, trials)
        checkEnded(play('power', { workers, trials: 1 }).study, 1)
      }
    })

    test('a seed gives one study', () => {
      const story = () => play('troubled', { workers: 5, seed: 3, faults: { lost: 0.02 } }).events
      assert.deepEqual(story(), story())
    })

    test('another instance that is asked the same again knows the same, wherever a study stopped', () => {
      for (const [i, reports] of [7, 60, 150, 300, undefined].entries()) {
        for (const family of ['exponential', 'troubled'] as const) {
          const faults = { failed: 0.01, lost: 0.03, preempted: 0.02 }
          const played = play(family, { workers: 4, seed: i, faults, ...(reports && { reports }) })
          const again = replay(make(), played.of.curves.space, played.settings, played.events)
          assert.deepEqual(again.verdicts, played.verdicts)
          assert.deepEqual(again.moves, played.moves)
          assert.deepEqual(essence(again.study.next(0)), essence(played.study.next(0)))
        }
      }
    })

    test('what was wanted of a study may have been something else', () => {
      for (const seed of [0, 1, 2]) {
        const played = play('exponential', { workers: 4, seed, faults: { lost: 0.03 } })
        const { settings } = play('exponential', { workers: 50, seed, trials: trials + 7, reports: 1 })
        assert.deepEqual(replay(make(), played.of.curves.space, settings, played.events).verdicts, played.verdicts)
      }
    })

    if (symmetric) {
      test('a metric that is maximized is treated as the negative one that is minimized', () => {
        for (const family of ['exponential', 'troubled'] as const) {
          const [less, more] = (['minimize', 'maximize'] as const).map((direction) => play(family, { workers: 4, direction }))
          assert.deepEqual(more!.verdicts, less!.verdicts)
          assert.deepEqual(more!.moves, less!.moves)
        }
      })
    }

    if (sparesEquals) {
      test('of trials that are all alike, none is stopped', () => {
        for (const workers of crowds) {
          const { verdicts } = play('equal', { workers })
          assert.deepEqual(
            verdicts.filter(({ verdict }) => verdict === 'stop'),
            [],
          )
        }
      })
    }

    if (keepsBest) {
      test('the trial that is better than all others at every step finishes', () => {
        for (let seed = 0; seed < 4; seed++) {
          for (const workers of crowds) {
            const { study } = play('ranked', { workers, seed })
            assert.equal(study.ledger.entries[bestOf(study, seed)]!.state, 'finished', `seed ${seed}, ${workers} workers`)
          }
        }
      })
    }

    if (saves) {
      test('it spends less than training every trial to its end', () => {
        for (const workers of crowds) assert.ok(play('ranked', { workers }).resource < trials * length)
      })
    }
  })
}

/** The trial that comes lowest in the end, among 'ranked' curves without noise. */
function bestOf({ ledger }: Study, seed: number): number {
  const { curve } = curves.ranked({ seed, length })
  const levels = ledger.entries.map(({ assignment }) => curve(assignment).after(1, 0))
  return levels.indexOf(Math.min(...levels))
}

function checkEnded({ ledger }: Study, trials: number): void {
  assert.equal(ledger.entries.length, trials)
  for (const { number, state } of ledger.entries) assert.ok(endStates.includes(state), `trial ${number} is ${state}`)
}

interface Watched {
  /** Does as the pruner does, and throws where it breaks a law. */
  readonly pruner: Pruner
  readonly verdicts: { readonly trial: number; readonly step: number; readonly verdict: Verdict }[]
  /** Those that lead to something. */
  readonly moves: Move[]
}

function watch(pruner: Pruner, space: SearchSpace): Watched {
  const verdicts: Watched['verdicts'] = []
  const moves: Move[] = []
  const watched: Pruner = {
    ...pruner,
    begin(facts, chance) {
      const pruning = pruner.begin(facts, chance)
      return {
        judge(trial, study) {
          const verdict = pruning.judge(trial, study)
          assert.ok(['go', 'stop', 'pause'].includes(verdict), `the verdict is ${verdict}`)
          if (verdict === 'pause') assert.ok(pruner.checkpoints, 'it pauses, but says it needs no checkpoints')
          verdicts.push({ trial: trial.number, step: trial.reports.at(-1)!.step, verdict })
          return verdict
        },
        ...(pruning.next && {
          next(study: StudyView, more: boolean) {
            const move = pruning.next!(study, more)
            assert.deepEqual(pruning.next!(study, more), move, 'asking again got another answer')
            checkMove(move, study, more, space)
            if (move.kind === 'resume' || move.kind === 'exploit') {
              assert.ok(pruner.checkpoints, `it wants to ${move.kind}, but says it needs no checkpoints`)
            }
            if (move.kind !== 'wait' && move.kind !== 'done') moves.push(move)
            return move
          },
        }),
        ended: (trial, study) => pruning.ended?.(trial, study),
      }
    },
  }
  return { pruner: watched, verdicts, moves }
}

function checkMove(move: Move, study: StudyView, more: boolean, space: SearchSpace): void {
  const open = [...study.open]
  switch (move.kind) {
    case 'sample':
      assert.ok(more, 'it wants a new point where none is to be had')
      return
    case 'resume':
      assert.ok(
        open.some(({ number, paused }) => paused && number === move.trial),
        `it resumes trial ${move.trial}, which is not paused`,
      )
      return
    case 'exploit':
      assert.ok(more, 'it wants a new trial where none is wanted')
      assert.ok(
        open.some(({ number, reports }) => number === move.parent && reports.length > 0),
        `it copies trial ${move.parent}, which has ended or not yet reported`,
      )
      assert.equal(space.problem(move.assignment), undefined)
      assert.ok(space.feasible(move.assignment), 'the constraint does not hold')
      return
    case 'wait':
      assert.ok(move.reason)
      assert.ok(
        open.some(({ paused }) => !paused),
        `it waits ${move.reason}, but nothing runs`,
      )
      return
    case 'done':
      assert.ok(move.reason)
      return
    default:
      move satisfies never
  }
}

/** A study that goes on with another instance of the pruner. */
function replay(pruner: Pruner, space: SearchSpace, settings: StudySettings, events: readonly TimedEvent[]): Watched & { study: Study } {
  const watched = watch(pruner, space)
  const study = createStudy(
    settings,
    { sampler: randomSampler(), pruner: watched.pruner },
    events,
    () => 0,
    () => {},
  )
  return { ...watched, study }
}

/** What a worker was told, without times. */
function essence(next: Next): unknown {
  if (next.kind !== 'trial') return next
  const { number, assignment, parent, reports } = next.trial
  return { number, assignment, parent, reports: reports.length }
}
