import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Pruner } from '../../../src/hpo/pruner.ts'
import { asha, median, patient, type percentile, successiveHalving, threshold } from '../../../src/hpo/pruners/index.ts'
import { stage } from './stage.ts'

const inf = Number.POSITIVE_INFINITY

suite('successive halving that only stops', () => {
  test('the first trial passes every rung; a worse second one is stopped at the first', () => {
    const study = stage(successiveHalving({ eta: 2 }))
    assert.deepEqual(study.reports(study.begin(), Array(10).fill(1)), Array(10).fill('go'))
    assert.equal(study.report(study.begin(), 2), 'stop')
    // As losses, 1 and then 0.5 that are maximized are -1 and -0.5.
    const maximized = stage(successiveHalving({ eta: 2 }))
    assert.equal(maximized.report(maximized.begin(), -1), 'go')
    assert.equal(maximized.report(maximized.begin(), -0.5), 'stop')
  })

  test('rungs are at minResource times powers of eta, whatever the steps are called', () => {
    const study = stage(successiveHalving({ minResource: 2, eta: 3 }))
    const best = study.begin()
    for (let i = 1; i <= 20; i++) study.reportAt(best, i * 100, 0)
    const rungs = [2, 6, 18].map((rung) => {
      const trial = study.begin()
      const losses = Array.from({ length: rung }, (_, i) => (i === rung - 1 ? 1 : 0))
      return study.reports(trial, losses)
    })
    for (const [i, verdicts] of rungs.entries()) {
      assert.equal(verdicts.at(-1), 'stop', `rung ${i}`)
      assert.ok(verdicts.slice(0, -1).every((verdict) => verdict === 'go'))
    }
  })

  test('the best 1/eta of those that have come so far pass', () => {
    const study = stage(successiveHalving({ eta: 2 }))
    // 0.1 to 0.7 rising: each but the first is worse than half of those before it.
    const first = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((loss) => study.report(study.begin(), loss))
    assert.deepEqual(first, ['go', ...Array(6).fill('stop')])
    assert.equal(study.report(study.begin(), 0.75), 'stop', 'the worst of 8')
    assert.equal(study.report(study.begin(), 0.25), 'go', 'the third of 9')
    assert.equal(study.report(study.begin(), 0.65), 'stop', 'the eighth of 10')
  })

  test('it is the report at the rung that counts, not the best so far', () => {
    const study = stage(successiveHalving({ minResource: 2, eta: 2 }))
    study.reports(study.begin(), [5, 2])
    assert.deepEqual(study.reports(study.begin(), [0, 3]), ['go', 'stop'])
    assert.deepEqual(study.reports(study.begin(), [9, 1]), ['go', 'go'])
  })

  test('nothing passes a rung before more than bootstrap trials have come', () => {
    const study = stage(successiveHalving({ eta: 2, bootstrap: 1 }))
    assert.equal(study.report(study.begin(), 1), 'stop')
    assert.equal(study.report(study.begin(), 1), 'go')
  })

  test('what is not a number is stopped at a rung, and only there', () => {
    const study = stage(successiveHalving({ minResource: 2, eta: 2 }))
    assert.deepEqual(study.reports(study.begin(), [inf, inf]), ['go', 'stop'])
    assert.deepEqual(study.reports(study.begin(), [inf, 5]), ['go', 'go'])
  })

  test('a trial that goes on although it was stopped is told again', () => {
    const study = stage(successiveHalving({ eta: 2 }))
    study.report(study.begin(), 0)
    assert.deepEqual(study.reports(study.begin(), [1, -1, -1]), ['stop', 'stop', 'stop'])
  })

  test('options', () => {
    for (const options of [{ minResource: 0 }, { minResource: 1.5 }, { eta: 1 }, { bootstrap: -1 }]) {
      assert.throws(() => successiveHalving(options), { code: 'BAD_OPTION' })
    }
    assert.throws(() => successiveHalving({ reductionFactor: 3 } as object), { code: 'UNKNOWN_OPTION' })
  })
})

suite('patient', () => {
  const never: Pruner = { name: 'never', begin: () => ({ judge: () => 'go' }) }

  test('without another pruner it is early stopping', () => {
    const study = stage(patient({ patience: 2 }))
    assert.deepEqual(study.reports(study.begin(), [5, 4, 4, 3, 3, 3]), ['go', 'go', 'go', 'go', 'go', 'stop'])
    const coarse = stage(patient({ patience: 2, minDelta: 0.5 }))
    assert.deepEqual(coarse.reports(coarse.begin(), [5, 4.6, 4.4, 4.2, 4.1]), ['go', 'go', 'go', 'go', 'stop'])
    const diverged = stage(patient({ patience: 2 }))
    assert.deepEqual(diverged.reports(diverged.begin(), [inf, inf, 1, inf, inf]), ['go', 'stop', 'go', 'go', 'stop'])
  })

  test('it stops only what the other pruner stops', () => {
    const study = stage(patient({ pruner: never, patience: 1 }))
    assert.deepEqual(study.reports(study.begin(), [1, 2, 3]), ['go', 'go', 'go'])
  })

  test('it holds back the other pruner while a trial learns; the other sees every report', () => {
    for (const pruner of [median({ startupTrials: 0 }), { kind: 'median', startupTrials: 0 } as const]) {
      const study = stage(patient({ pruner, patience: 2 }))
      study.finished([1, 1, 1, 1, 1, 1])
      assert.deepEqual(study.reports(study.begin(), [9, 8, 7, 7, 7, 0]), ['go', 'go', 'go', 'go', 'stop', 'go'])
    }
  })

  test('a trial that failed a rung goes when it stops learning', () => {
    const study = stage(patient({ pruner: { kind: 'successiveHalving', eta: 2 }, patience: 1 }))
    study.report(study.begin(), 0)
    assert.deepEqual(study.reports(study.begin(), [3, 2, 1, 1]), ['go', 'go', 'go', 'stop'])
  })

  test('options', () => {
    assert.throws(() => patient({ patience: 0 }), { code: 'BAD_OPTION' })
    assert.throws(() => patient({ minDelta: -1 }), { code: 'BAD_OPTION' })
    assert.throws(() => patient({ pruner: asha() }), { code: 'BAD_OPTION', message: /asha.*only stops.*median/ })
    assert.throws(() => patient({ pruner: { kind: 'asha' } as never }), { code: 'UNKNOWN_KIND', message: /median/ })
    assert.throws(() => patient({ pruner: 'median' as never }), { code: 'BAD_OPTION' })
    assert.throws(() => patient({ pruner: { kind: 'median', startup: 3 } as never }), { code: 'UNKNOWN_OPTION' })
  })
})

suite('threshold', () => {
  const verdicts = (pruner: Pruner, direction: 'maximize' | 'minimize', metrics: readonly number[]) => {
    const study = stage(pruner, { directions: [direction] })
    return study.reports(
      study.begin(),
      metrics.map((metric) => (Number.isNaN(metric) ? inf : direction === 'maximize' ? -metric : metric)),
    )
  }

  test('bounds are those of the metric, however it is optimized', () => {
    for (const direction of ['minimize', 'maximize'] as const) {
      assert.deepEqual(verdicts(threshold({ upper: 1 }), direction, [0, 0.1, 1, 1.2]), ['go', 'go', 'go', 'stop'])
      assert.deepEqual(verdicts(threshold({ lower: 0 }), direction, [100, 0.1, 0, -1]), ['go', 'go', 'go', 'stop'])
      assert.deepEqual(verdicts(threshold({ lower: 0, upper: 1 }), direction, [-0.1, 0.5, 1.1]), ['stop', 'go', 'stop'])
    }
  })

  test('what is not a number is out of bounds', () => {
    for (const direction of ['minimize', 'maximize'] as const) {
      assert.deepEqual(verdicts(threshold({ lower: -5 }), direction, [1, Number.NaN]), ['go', 'stop'])
    }
  })

  test('warm-up steps and intervals', () => {
    const pruner = threshold({ lower: 0.5, warmupSteps: 2, interval: 2 })
    assert.deepEqual(verdicts(pruner, 'maximize', [0, 0, 0, 0, 0.6]), ['go', 'go', 'stop', 'go', 'go'])
  })

  test('options', () => {
    assert.throws(() => threshold(), { code: 'BAD_OPTION', message: /lower/ })
    assert.throws(() => threshold({ lower: 2, upper: 1 }), { code: 'BAD_OPTION', message: /upper/ })
    assert.throws(() => threshold({ lower: Number.NaN }), { code: 'BAD_OPTION' })
    assert.throws(() => threshold({ minimum: 1 } as object as Parameters<typeof percentile>[0]), { code: 'UNKNOWN_OPTION' })
  })
})
