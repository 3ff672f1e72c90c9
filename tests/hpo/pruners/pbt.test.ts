import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { explore } from '../../../src/hpo/pruners/explore.ts'
import { none, pbt } from '../../../src/hpo/pruners/index.ts'
import { curves } from '../../../src/hpo/testing/curves.ts'
import { playCurves } from '../../../src/hpo/testing/playCurves.ts'
import { spaces } from '../../../src/hpo/testing/spaces.ts'
import { dimensions as d, searchSpace } from '../../../src/space/index.ts'
import fc from '../../laws.ts'
import { stage } from './stage.ts'

const inf = Number.POSITIVE_INFINITY

/** Four trials, of which each has reported twice; trial i reports i. All are as old, and the last is the worst. */
function fourTrials(rest: Partial<Parameters<typeof pbt>[0]> = {}) {
  const study = stage(pbt({ population: 4, interval: 2, ...rest }))
  for (let i = 0; i < 4; i++) study.begin({ assignment: { rate: 0.1 * (i + 1), units: 10 + i } })
  const verdicts = [0, 1, 2, 3].map((trial) => study.reports(trial, [trial, trial]))
  return { study, verdicts }
}

suite('population based training', () => {
  test('at an interval the worst is stopped, and a copy of the best takes its place', () => {
    const { study, verdicts } = fourTrials()
    assert.deepEqual(verdicts, [
      ['go', 'go'],
      ['go', 'go'],
      ['go', 'go'],
      ['go', 'stop'],
    ])
    assert.deepEqual(study.next(), { kind: 'wait', reason: 'for a place in the population of 4' }, 'it has not ended yet')
    study.end(3, 'pruned')
    const move = study.next()
    assert.ok(move.kind === 'exploit')
    assert.equal(move.parent, 0)
    assert.equal(move.assignment.units, 10, 'whole numbers may be sizes of the model')
    assert.notEqual(move.assignment.rate, 0.1)
    study.begin({ parent: 0, assignment: move.assignment })
    assert.equal(study.next().kind, 'wait')
    assert.equal(study.next(false).kind, 'wait')
    study.end(1)
    assert.deepEqual(study.next(), { kind: 'sample' }, 'the one that was stopped has its copy')
  })

  test('a trial that was told to stop is out of the ranking; if it ends by itself first, it is not replaced by a copy', () => {
    const { study } = fourTrials()
    assert.deepEqual(study.reports(2, [9, 9]), ['go', 'go'], 'three are left')
    assert.equal(study.report(3, 3), 'stop', 'told again')
    study.end(3)
    assert.deepEqual(study.next(), { kind: 'sample' })
  })

  test('copies are made when the whole population has begun', () => {
    const study = stage(pbt({ population: 3, interval: 1 }))
    study.begin()
    study.begin()
    assert.deepEqual([study.report(0, inf), study.report(1, 1)], ['stop', 'pause'])
    study.end(0, 'pruned')
    assert.deepEqual(study.next(), { kind: 'sample' })
    study.begin()
    assert.equal(study.next().kind, 'exploit')
  })

  test('a rate goes to 0.8 or 1.2 times its parent, or is drawn anew', () => {
    const rates = Array.from({ length: 200 }, (_, seed) => {
      const space = searchSpace({ rate: d.logUniform(1e-3, 1) })
      return Number(explore(space, { rate: 0.1 }, { names: ['rate'], resample: 0.25 }, random(seed)).rate)
    })
    const count = (rate: number) => rates.filter((one) => Math.abs(one - rate) < 1e-12).length
    const [down, up] = [count(0.08), count(0.12)]
    assert.ok(down > 50 && up > 50 && down + up < 175, `${down} down, ${up} up`)
  })

  test('a copy is compared only after an interval of its own, with the last interval of each other', () => {
    const { study } = fourTrials()
    study.end(3, 'pruned')
    const copy = study.begin({ parent: 0 })
    assert.equal(study.reportAt(copy, 2, 50), 'go')
    assert.equal(study.reportAt(copy, 3, 50), 'stop')
    study.end(copy, 'pruned')
    assert.equal(study.next().kind, 'exploit')
  })

  test('of equals none is stopped; of fewer than 1/quantile neither', () => {
    const study = stage(pbt({ population: 4, interval: 1 }))
    for (let i = 0; i < 4; i++) study.begin()
    assert.deepEqual(
      [0, 1, 2, 3].map((trial) => study.report(trial, 1)),
      Array(4).fill('go'),
    )
    assert.deepEqual(study.reports(0, [9]), ['stop'])
    study.end(0, 'pruned')
    assert.deepEqual(study.reports(1, [9, 10]), ['go', 'go'], 'three are left')
  })

  test('a trial that diverged is stopped at the next interval', () => {
    const study = stage(pbt({ population: 2, interval: 2 }))
    study.begin()
    study.begin()
    assert.deepEqual(study.reports(0, [inf, inf]), ['go', 'stop'])
    study.end(0, 'pruned')
    assert.deepEqual(study.next(), { kind: 'sample' }, 'nobody can be copied yet')
    study.reports(1, [1, 1])
    assert.deepEqual(study.next(), { kind: 'exploit', parent: 1, assignment: (study.next() as { assignment: object }).assignment })
  })

  test('fewer workers than places: trials pause at intervals, and the one furthest behind goes on', () => {
    const study = stage(pbt({ population: 3, interval: 2 }))
    study.begin()
    assert.deepEqual(study.reports(0, [1, 1]), ['go', 'pause'])
    study.pause(0)
    assert.deepEqual(study.next(), { kind: 'sample' })
    study.begin()
    assert.deepEqual(study.reports(1, [1, 1]), ['go', 'pause'])
    study.pause(1)
    study.begin()
    // All have begun, and nobody is behind it.
    assert.deepEqual(study.reports(2, [1, 1, 1, 1]), ['go', 'go', 'go', 'pause'])
    study.pause(2)
    assert.deepEqual(study.next(), { kind: 'resume', trial: 0 })
    study.resume(0)
    assert.deepEqual(study.next(false), { kind: 'resume', trial: 1 })
  })

  test('a trial that ends by itself leaves its place to another population, compared with itself only', () => {
    const { study } = fourTrials()
    study.end(0)
    assert.deepEqual(study.next(), { kind: 'sample' })
    const fresh = study.begin()
    assert.deepEqual(study.reports(fresh, [100, 100]), ['go', 'go'])
  })

  test('when no more trials are wanted it ends with its trials', () => {
    const { study } = fourTrials()
    study.end(3, 'pruned')
    assert.equal(study.next(false).kind, 'wait')
    for (const trial of [0, 1, 2]) study.end(trial)
    assert.equal(study.next(false).kind, 'done')
  })

  test('what is named is perturbed, and nothing else', () => {
    const { study } = fourTrials({ perturb: ['units'] })
    study.end(3, 'pruned')
    const move = study.next()
    assert.ok(move.kind === 'exploit')
    assert.equal(move.assignment.rate, 0.1)
    assert.notEqual(move.assignment.units, 10)
  })

  test('copies of any point lie in the space, are feasible, and keep what may not change', () => {
    for (const [name, space] of Object.entries(spaces)) {
      fc.assert(
        fc.property(fc.nat(), fc.subarray([...space.names]), fc.double({ min: 0, max: 1, noNaN: true }), (seed, names, resample) => {
          const parent = space.sample(random(seed))
          const copy = explore(space, parent, { names, resample }, random(seed).fork('copy'))
          assert.equal(space.problem(copy), undefined, name)
          assert.ok(space.feasible(copy), name)
          for (const kept of Object.keys(copy)) {
            if (!names.includes(kept) && Object.hasOwn(parent, kept)) assert.equal(copy[kept], parent[kept])
          }
        }),
        { numRuns: 30 },
      )
    }
  })

  test('on as many trials it comes lower than random search, in the median of seeds', () => {
    const gains = Array.from({ length: 7 }, (_, seed) => {
      const of = { curves: curves.exponential({ seed }), seed, workers: 10, trials: 60 }
      const [own, chance] = [pbt(), none()].map((pruner) => playCurves({ pruner, ...of }))
      assert.ok(own!.resource < chance!.resource / 2)
      return chance!.history.at(-1)!.best - own!.history.at(-1)!.best
    })
    assert.ok(gains.sort((a, b) => a - b)[3]! > 0, `${gains}`)
  })

  test('options', () => {
    for (const options of [{ population: 1 }, { interval: 0 }, { quantile: 0.6 }, { resample: 2 }]) {
      assert.throws(() => pbt(options), { code: 'BAD_OPTION' })
    }
    assert.throws(() => stage(pbt({ perturb: ['ratte'] })), { code: 'BAD_OPTION', message: /ratte.*Did you mean 'rate'/ })
    assert.throws(() => stage(pbt({ perturb: [] })), { code: 'BAD_OPTION' })
    assert.throws(() => stage(pbt(), { space: spaces.listed }), { code: 'BAD_OPTION', message: /perturb/ })
    assert.throws(() => pbt({ size: 3 } as object), { code: 'UNKNOWN_OPTION' })
  })
})
