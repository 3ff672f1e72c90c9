import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { median, percentile } from '../../../src/hpo/pruners/index.ts'
import { type CurveFamily, curves } from '../../../src/hpo/testing/curves.ts'
import { playCurves } from '../../../src/hpo/testing/playCurves.ts'
import type { StudyView, TrialView } from '../../../src/hpo/trial.ts'
import { stage } from './stage.ts'

const inf = Number.POSITIVE_INFINITY

/** What a trial's only report is answered after these have finished with one report each. */
function verdict(pruner: Parameters<typeof stage>[0], others: readonly number[], loss: number) {
  const study = stage(pruner)
  for (const other of others) study.finished([other])
  return study.report(study.begin(), loss)
}

suite('percentile and median', () => {
  test('the first trial is never stopped, nor any before enough have finished', () => {
    const study = stage(percentile({ startupTrials: 0 }))
    assert.deepEqual(study.reports(study.begin(), [5, 6, 7]), ['go', 'go', 'go'])
    const patient = stage(median())
    for (let i = 0; i < 4; i++) patient.finished([0])
    assert.equal(patient.report(patient.begin(), 1), 'go')
    patient.finished([0])
    assert.equal(patient.report(patient.begin(), 1), 'stop')
  })

  test('of 1 to 5 the best quarter ends at 2, also where the metric is maximized', () => {
    const quarter = percentile({ percentile: 25, startupTrials: 0 })
    assert.equal(verdict(quarter, [1, 2, 3, 4, 5], 2.1), 'stop')
    assert.equal(verdict(quarter, [1, 2, 3, 4, 5], 2), 'go')
    // As losses, a maximized 1 to 5 is -1 to -5: the best quarter ends at a metric of 4.
    assert.equal(verdict(quarter, [-1, -2, -3, -4, -5], -3.9), 'stop')
    assert.equal(verdict(quarter, [-1, -2, -3, -4, -5], -4), 'go')
  })

  test('between two ranks it goes on a straight line, as NumPy does', () => {
    const quarter = percentile({ percentile: 25, startupTrials: 0 })
    assert.equal(verdict(quarter, [1, 2], 1.25), 'go')
    assert.equal(verdict(quarter, [1, 2], 1.2500001), 'stop')
    const middle = median({ startupTrials: 0 })
    assert.equal(verdict(middle, [0, 10, 1, 3], 2), 'go')
    assert.equal(verdict(middle, [0, 10, 1, 3], 2.01), 'stop')
  })

  test('Infinity is worst of all, and a trial without one number is stopped', () => {
    const middle = median({ startupTrials: 0 })
    assert.equal(verdict(middle, [inf, inf, inf], 1e300), 'go')
    assert.equal(verdict(middle, [1, 2, inf], 3), 'stop')
    assert.equal(verdict(middle, [1, inf], 1e300), 'go')
    assert.equal(verdict(middle, [inf, inf], inf), 'stop')
    assert.equal(verdict(middle, [-inf, -inf, 3], 2), 'stop')
    assert.equal(verdict(percentile({ startupTrials: 0 }), [], inf), 'go')
  })

  test("the trial's side is its best so far, the others' what they reported at this very step", () => {
    const study = stage(median({ startupTrials: 0 }))
    study.finished([1, 3])
    // 2 is worse than 1, then its best is better than 3.
    assert.deepEqual(study.reports(study.begin(), [2, 9]), ['stop', 'go'])
    // Nobody has reported step 2.
    assert.deepEqual(study.reports(study.begin(), [0, 9, 9]), ['go', 'go', 'go'])
  })

  test('only finished trials count', () => {
    const study = stage(median({ startupTrials: 1 }))
    for (const state of ['pruned', 'failed', 'lost'] as const) {
      const trial = study.begin()
      study.report(trial, 0)
      study.end(trial, state)
    }
    assert.equal(study.report(study.begin(), 1), 'go')
    study.finished([0.5])
    assert.equal(study.report(study.begin(), 1), 'stop')
  })

  test('warm-up steps, intervals, and steps that were not reported', () => {
    const study = stage(median({ startupTrials: 0, warmupSteps: 2, interval: 3 }))
    study.finished(Array(12).fill(0))
    const every = study.begin()
    // Judged at 2, 5, 8, ...
    assert.deepEqual(study.reports(every, Array(9).fill(1)), ['go', 'go', 'stop', 'go', 'go', 'stop', 'go', 'go', 'stop'])
    const some = study.begin()
    assert.equal(study.reportAt(some, 1, 1), 'go')
    assert.equal(study.reportAt(some, 4, 1), 'stop', 'it did not report step 2')
    assert.equal(study.reportAt(some, 7, 1), 'stop', 'it did not report step 5')
    assert.equal(study.reportAt(some, 7.5, 1), 'go')
  })

  test('a step that too few have reported stops nobody', () => {
    const study = stage(median({ startupTrials: 0, minTrials: 2 }))
    study.finished([0, 0])
    study.finished([0])
    assert.deepEqual(study.reports(study.begin(), [1, 1]), ['stop', 'go'])
  })

  test('it decides as going through all finished trials at every report does', () => {
    const options = { startupTrials: 3, warmupSteps: 2, interval: 2, minTrials: 2 }
    let [stops, judged] = [0, 0]
    for (const family of ['exponential', 'troubled'] as CurveFamily[]) {
      for (const share of [0, 25, 60, 100]) {
        const pruner = percentile({ ...options, percentile: share })
        const checked = {
          ...pruner,
          begin: (...given: Parameters<typeof pruner.begin>) => {
            const pruning = pruner.begin(...given)
            return {
              ...pruning,
              judge(trial: TrialView, study: StudyView) {
                const got = pruning.judge(trial, study)
                assert.equal(got, naive(trial, study, share, options))
                judged++
                if (got === 'stop') stops++
                return got
              },
            }
          },
        }
        playCurves({ pruner: checked, curves: curves[family]({ length: 20, noise: 0.2 }), trials: 60, workers: 5 })
      }
    }
    assert.ok(stops > 100 && judged > 2000, `${stops} of ${judged}`)
  })

  test('options', () => {
    for (const options of [
      { percentile: 101 },
      { percentile: Number.NaN },
      { startupTrials: -1 },
      { warmupSteps: 0.5 },
      { interval: 0 },
      { minTrials: 0 },
    ]) {
      assert.throws(() => percentile(options), { code: 'BAD_OPTION', message: new RegExp(Object.keys(options)[0]!) })
    }
    assert.throws(() => median({ percentile: 30 } as object), { code: 'UNKNOWN_OPTION' })
    assert.throws(() => percentile({ warmup: 3 } as object), { code: 'UNKNOWN_OPTION', message: /warmupSteps/ })
  })
})

interface Options {
  readonly startupTrials: number
  readonly warmupSteps: number
  readonly interval: number
  readonly minTrials: number
}

function naive({ reports }: TrialView, study: StudyView, share: number, options: Options): 'go' | 'stop' {
  const { startupTrials, warmupSteps, interval, minTrials } = options
  const finished = study.ended.filter(({ state }) => state === 'finished')
  const { step } = reports.at(-1)!
  if (finished.length < Math.max(1, startupTrials) || step < warmupSteps) return 'go'
  const cell = (one: number) => Math.floor((one - warmupSteps) / interval)
  if (reports.slice(0, -1).some((report) => report.step >= warmupSteps && cell(report.step) === cell(step))) return 'go'
  const best = Math.min(...reports.map(({ loss }) => loss))
  if (best === inf) return 'stop'
  const others = finished.flatMap((trial) => trial.reports.filter((report) => report.step === step).map(({ loss }) => loss))
  if (others.length < minTrials) return 'go'
  others.sort((a, b) => a - b || 0)
  const place = (share / 100) * (others.length - 1)
  const [low, high] = [others[Math.floor(place)]!, others[Math.ceil(place)]!]
  const limit = low === high ? low : low * (1 - (place % 1)) + high * (place % 1)
  return best > limit + 1e-12 ? 'stop' : 'go'
}
