import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Move, Pruner, Verdict } from '../../../src/hpo/pruner.ts'
import { asha, none } from '../../../src/hpo/pruners/index.ts'
import { type CurveFamily, curves } from '../../../src/hpo/testing/curves.ts'
import { playCurves } from '../../../src/hpo/testing/playCurves.ts'
import type { TrialView } from '../../../src/hpo/trial.ts'
import fc from '../../laws.ts'
import { type Stage, stage } from './stage.ts'

const inf = Number.POSITIVE_INFINITY
const resume = (trial: number): Move => ({ kind: 'resume', trial })

/** One worker: trains the trial it was given until a verdict frees it, then asks. Trial i reports `losses[i][rung]` at each rung. */
function workAlone(study: Stage, losses: readonly (readonly number[])[], eta: number, jobs: number): string[] {
  const done: string[] = []
  let current: number | undefined
  for (let rung = 0; done.length < jobs; ) {
    if (current === undefined) {
      const move = study.next(study.trials.length < losses.length)
      if (move.kind === 'sample') current = study.begin()
      else if (move.kind === 'resume') study.resume((current = move.trial))
      else return [...done, move.kind]
      const { length } = study.trials[current]!.reports
      rung = length === 0 ? 0 : Math.round(Math.log(length) / Math.log(eta)) + 1
    }
    const missing = eta ** rung - study.trials[current]!.reports.length
    const verdicts = study.reports(current, Array(missing).fill(losses[current]![rung]))
    done.push(`${current + 1}@${rung}`)
    if (verdicts.at(-1) === 'pause') {
      study.pause(current)
      current = undefined
    } else rung++
    if (current !== undefined && rung === losses[current]!.length) {
      study.end(current)
      current = undefined
    }
  }
  return done
}

suite('asha', () => {
  test("the paper's example: r = 1, eta = 3, R = 9, nine configurations on one worker", () => {
    // Of each three that come, one is promoted: 1, then 6, then 8; the best of those three is trained to the end.
    const losses = [0.1, 0.9, 0.8, 0.7, 0.6, 0.2, 0.5, 0.3, 0.4].map((loss, i) => [loss, i === 7 ? 0.05 : loss, 0.01])
    const jobs = workAlone(stage(asha({ eta: 3, maxResource: 9 })), losses, 3, 100)
    assert.deepEqual(jobs, ['1@0', '2@0', '3@0', '1@1', '4@0', '5@0', '6@0', '6@1', '7@0', '8@0', '9@0', '8@1', '8@2', 'done'])
  })

  test('a trial pauses at a rung until it is among the best 1/eta that came to it', () => {
    const study = stage(asha({ eta: 2 }))
    const [a, b] = [study.begin(), study.begin()]
    assert.equal(study.report(a, 0.5), 'pause')
    study.pause(a)
    assert.deepEqual(study.next(), { kind: 'sample' })
    assert.equal(study.report(b, 0.6), 'pause')
    study.pause(b)
    assert.deepEqual(study.next(), resume(a))
    study.resume(a)
    assert.deepEqual(study.next(), { kind: 'sample' })
    // One that has earned to go on at once is not paused: the best of three, and of four.
    const [c, d] = [study.begin(), study.begin()]
    assert.equal(study.report(c, 0.7), 'pause')
    assert.equal(study.report(d, 0.1), 'go')
    // Four came: a and d are the best two, and both are gone.
    study.pause(c)
    assert.deepEqual(study.next(), { kind: 'sample' })
  })

  test('the highest rung comes first', () => {
    const study = stage(asha({ eta: 2 }))
    const trials = Array.from({ length: 4 }, () => study.begin())
    const verdicts = trials.map((trial) => study.report(trial, trial))
    assert.deepEqual(verdicts, ['pause', 'pause', 'pause', 'pause'])
    study.pause(...trials)
    assert.deepEqual(study.next(), resume(0))
    study.resume(0)
    assert.deepEqual(study.next(), resume(1))
    study.resume(1)
    assert.equal(study.report(0, 5), 'pause')
    study.pause(0)
    assert.equal(study.report(1, 6), 'pause')
    study.pause(1)
    const late = [study.begin(), study.begin()]
    assert.deepEqual(
      late.map((trial) => study.report(trial, 9)),
      ['pause', 'pause'],
    )
    study.pause(...late)
    // Trial 0 on rung 2 and trial 2 on rung 1 have both earned to go on.
    assert.deepEqual(study.next(), resume(0))
    study.resume(0)
    assert.deepEqual(study.next(), resume(2))
  })

  test('a worker that could go on with its own trial takes one of a higher rung first', () => {
    const study = stage(asha({ eta: 2 }))
    const trials = Array.from({ length: 4 }, () => study.begin())
    for (const trial of trials) study.report(trial, trial)
    study.pause(...trials)
    for (const trial of [0, 1]) {
      study.resume(trial)
      assert.equal(study.report(trial, 5 + trial), 'pause')
    }
    const best = study.begin()
    // Trial 0 is not yet seen to rest: nothing is above the new one.
    assert.equal(study.report(best, -1), 'go')
    study.pause(0, 1)
    assert.equal(study.report(study.begin(), -2), 'pause')
    assert.deepEqual(study.next(), resume(0))
  })

  test("of equals, who came first is promoted, one of each eta; who comes later takes nobody's place", () => {
    const study = stage(asha({ eta: 3 }))
    const trials = Array.from({ length: 6 }, () => study.begin()).toReversed()
    assert.deepEqual(
      trials.map((trial) => study.report(trial, 1)),
      Array(6).fill('pause'),
    )
    study.pause(...trials)
    for (const trial of [5, 4]) {
      assert.deepEqual(study.next(), resume(trial))
      study.resume(trial)
    }
    assert.deepEqual(study.next(), { kind: 'sample' })
  })

  test('who diverged is stopped, and is counted', () => {
    const study = stage(asha({ eta: 2 }))
    assert.equal(study.report(study.begin(), inf), 'stop')
    assert.equal(study.report(study.begin(), 1), 'go')
    const late = study.begin()
    assert.deepEqual([study.report(late, inf), study.report(late, 1)], ['stop', 'stop'])
  })

  test('without new trials promotions go on; the best goes to the end if none has; then the rest is done with', () => {
    const study = stage(asha({ eta: 2 }))
    const trials = [study.begin(), study.begin(), study.begin()]
    for (const trial of trials) study.report(trial, trial)
    study.pause(0, 1)
    assert.deepEqual(study.next(false), resume(0))
    study.resume(0)
    assert.deepEqual(study.next(false), { kind: 'wait', reason: 'for a rung' })
    assert.equal(study.report(0, 0), 'pause')
    study.pause(0)
    assert.equal(study.next(false).kind, 'wait', 'trial 2 has not paused yet')
    study.pause(2)
    assert.deepEqual(study.next(false), resume(0), 'nobody has finished')
    study.resume(0)
    study.reports(0, [0])
    study.end(0)
    assert.equal(study.next(false).kind, 'done')
    assert.deepEqual(study.next(true), { kind: 'sample' })
  })

  test('rungs stop nobody from the longest finished trial on, and those that rest there go on', () => {
    const study = stage(asha({ eta: 2 }))
    const trials = Array.from({ length: 4 }, () => study.begin())
    for (const trial of trials) study.report(trial, 0)
    study.pause(...trials)
    for (const trial of [0, 1]) {
      study.resume(trial)
      study.report(trial, trial)
    }
    study.pause(0, 1)
    assert.deepEqual(study.next(), resume(0))
    study.resume(0)
    study.end(0)
    // A whole training makes two reports, so trial 1 is at its end too.
    assert.deepEqual(study.next(), resume(1))
    study.resume(1)
    const late = study.begin()
    assert.deepEqual(study.reports(late, [-1, 9, 9, 9]), ['go', 'go', 'go', 'go'])
    const known = stage(asha({ eta: 2, minResource: 2, maxResource: 4 }))
    assert.deepEqual(known.reports(known.begin(), [1, 1]), ['go', 'pause'])
    const better = known.begin()
    assert.deepEqual(known.reports(better, [0, 0, 9, 9, 9, 9, 9, 9]), Array(8).fill('go'))
  })

  test('a trial that was told to pause, but whose worker died, is told again; it is not resumed meanwhile', () => {
    const study = stage(asha({ minResource: 2, eta: 2 }))
    const [a, b] = [study.begin(), study.begin()]
    assert.deepEqual(study.reports(a, [0.5, 0.5]), ['go', 'pause'])
    assert.deepEqual(study.reports(b, [0.6, 0.6]), ['go', 'pause'])
    study.pause(b)
    // a has earned to go on, but does not rest.
    assert.deepEqual(study.next(), { kind: 'sample' })
    study.resume(b)
    assert.equal(study.report(b, 0.6), 'go', 'b did rest, and goes on for whatever reason')
    const c = study.begin()
    assert.deepEqual(study.reports(c, [0.4, 0.4]), ['go', 'go'])
    // By now a is the second of three.
    assert.equal(study.report(a, 0.1), 'pause')
    study.end(a, 'lost')
    assert.deepEqual(study.next(), { kind: 'sample' })
    assert.equal(study.next(false).kind, 'wait')
    study.end(b)
    study.end(c)
    assert.equal(study.next(false).kind, 'done')
  })

  test('paused trials that are ended do not go on, and are not waited for', () => {
    const study = stage(asha({ eta: 2 }))
    const [a, b] = [study.begin(), study.begin()]
    study.report(a, 1)
    study.report(b, 2)
    study.pause(a, b)
    assert.deepEqual(study.next(), resume(a))
    study.end(a, 'pruned')
    study.end(b, 'pruned')
    assert.deepEqual(study.next(), { kind: 'sample' })
    const c = study.begin()
    assert.equal(study.next(false).kind, 'wait')
    study.end(c, 'failed')
    assert.equal(study.next(false).kind, 'done')
  })

  test('at the end of a whole training nobody makes way for a longer one', () => {
    const study = stage(asha({ eta: 2 }))
    const long = study.begin()
    for (const rung of [1, 2, 4]) {
      study.resume(long)
      while (study.trials[long]!.reports.length < rung) study.report(long, 5)
      study.pause(long)
    }
    study.finished([9, 9])
    assert.deepEqual(study.next(), resume(long))
    const late = study.begin()
    assert.deepEqual(study.reports(late, [1, 1]), ['pause', 'go'])
  })

  test('it decides as the algorithm of the paper does, gone through from the start each time', () => {
    let resumed = 0
    const property = fc.property(
      fc.constantFrom<CurveFamily>('exponential', 'crossing', 'troubled', 'equal'),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom({ minResource: 1, eta: 2 }, { minResource: 2, eta: 3 }),
      fc.nat(1000),
      (family, workers, options, seed) => {
        const pruner = asha({ ...options, maxResource: 20 })
        const checked: Pruner = {
          ...pruner,
          begin(facts, chance) {
            const pruning = pruner.begin(facts, chance)
            const arrivals: Arrivals = new Map()
            return {
              ...pruning,
              judge(trial, study) {
                const { length } = trial.reports
                arrivals.set(length, [...(arrivals.get(length) ?? []), trial])
                const verdict = pruning.judge(trial, study)
                assert.equal(verdict, naiveVerdict(trial, arrivals, options))
                return verdict
              },
              next(study, more) {
                const move = pruning.next!(study, more)
                const earned = naivePromotion(arrivals, options)
                if (earned !== undefined) assert.deepEqual(move, resume(earned))
                else if (more) assert.equal(move.kind, 'sample')
                if (earned !== undefined) resumed++
                return move
              },
            }
          },
        }
        playCurves({ pruner: checked, curves: curves[family]({ length: 20, seed }), trials: 30, workers, seed })
      },
    )
    fc.assert(property, { numRuns: 25 })
    assert.ok(resumed > 50, `${resumed} promotions`)
  })

  test('it comes to the best value of random search with a third of the training and of the time', () => {
    for (const workers of [1, 16]) {
      const ratios = Array.from({ length: 7 }, (_, seed) => {
        const of = { curves: curves.power({ seed }), seed, workers }
        const whole = playCurves({ pruner: none(), trials: 100, ...of }).history.at(-1)!
        const eager = playCurves({ pruner: asha({ eta: 3 }), trials: 1000, target: whole.best, ...of }).history.at(-1)!
        assert.ok(eager.best <= whole.best)
        return { resource: eager.resource / whole.resource, time: eager.time / whole.time }
      })
      const median = (key: 'resource' | 'time') => ratios.map((ratio) => ratio[key]).sort((a, b) => a - b)[3]!
      assert.ok(median('resource') < 1 / 3, `${median('resource')} of the training`)
      assert.ok(median('time') < 1 / 3, `${median('time')} of the time`)
    }
  })

  test('options', () => {
    for (const options of [{ minResource: 0 }, { eta: 1 }, { eta: 2.5 }, { maxResource: 0 }, { minResource: 4, maxResource: 3 }]) {
      assert.throws(() => asha(options), { code: 'BAD_OPTION' })
    }
    assert.throws(() => asha({ reduction: 3 } as object), { code: 'UNKNOWN_OPTION' })
  })
})

interface Rungs {
  readonly minResource: number
  readonly eta: number
}

/** The trials that came to a rung, the best first, and of equals who came first. */
function came(arrivals: Arrivals, resource: number): TrialView[] {
  const lossOf = ({ reports }: TrialView) => reports[resource - 1]!.loss
  const all = arrivals.get(resource) ?? []
  return all.toSorted((a, b) => (lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b)))
}

/** By how many reports they had made. */
type Arrivals = Map<number, TrialView[]>

function* rungsBelow(arrivals: Arrivals, { minResource, eta }: Rungs): Generator<{ resource: number; best: TrialView[] }> {
  const resources = [0, 1, 2, 3, 4].map((k) => minResource * eta ** k).filter((resource) => resource < 20)
  for (const resource of resources.reverse()) {
    const all = came(arrivals, resource)
    yield { resource, best: all.slice(0, Math.floor(all.length / eta)) }
  }
}

/** Algorithm 2 of the paper, without the bracket s. */
function naivePromotion(arrivals: Arrivals, rungs: Rungs): number | undefined {
  for (const { resource, best } of rungsBelow(arrivals, rungs)) {
    const found = best.find(({ paused, reports }) => paused && reports.length === resource)
    if (found) return found.number
  }
  return undefined
}

function naiveVerdict(trial: TrialView, arrivals: Arrivals, rungs: Rungs): Verdict {
  const { length } = trial.reports
  for (const { resource, best } of rungsBelow(arrivals, rungs)) {
    if (best.some(({ paused, reports }) => paused && reports.length === resource) && resource > length) return stopOr('pause', trial, rungs)
    if (resource === length) return stopOr(best.includes(trial) ? 'go' : 'pause', trial, rungs)
  }
  return 'go'
}

/** Between rungs every trial goes on; at one, who diverged is stopped. */
function stopOr(verdict: Verdict, { reports }: TrialView, { minResource, eta }: Rungs): Verdict {
  const isRung = [0, 1, 2, 3, 4].some((k) => minResource * eta ** k === reports.length && reports.length < 20)
  return !isRung ? 'go' : reports.at(-1)!.loss === inf ? 'stop' : verdict
}
