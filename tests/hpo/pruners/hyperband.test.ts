import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hyperband } from '../../../src/hpo/pruners/index.ts'
import { curves } from '../../../src/hpo/testing/curves.ts'
import { playCurves } from '../../../src/hpo/testing/playCurves.ts'
import { type Stage, stage } from './stage.ts'

/** After how many reports a trial whose loss is `loss` pauses first, up to `most`. */
function firstPause(study: Stage, trial: number, loss: number, most: number): number | undefined {
  for (let i = 1; i <= most; i++) if (study.report(trial, loss) === 'pause') return i
  return undefined
}

suite('hyperband', () => {
  test('trials are dealt to brackets in the proportions of the paper, from the first on', () => {
    // R = 9, eta = 3: n = 9, ceil(3/2 * 3) = 5, 3 trials that pause first after 1, 3 and 9 reports; 9 is the end.
    const study = stage(hyperband({ eta: 3, maxResource: 9 }))
    const trials = Array.from({ length: 34 }, () => study.begin())
    const pauses = trials.map((trial) => firstPause(study, trial, trial, 9))
    const counts = (until: number) => [1, 3, undefined].map((rung) => pauses.slice(0, until).filter((pause) => pause === rung).length)
    assert.deepEqual(counts(17), [9, 5, 3])
    assert.deepEqual(counts(34), [18, 10, 6])
    assert.deepEqual(pauses.slice(0, 4), [1, 3, 1, undefined])
    for (let n = 1; n <= 34; n++) {
      const [first] = counts(n)
      assert.ok(Math.abs(first! - (9 / 17) * n) < 1, `${first} of ${n}`)
    }
  })

  test('each bracket promotes its own, the highest rung first', () => {
    const study = stage(hyperband({ eta: 2, maxResource: 4 }))
    // n = 4, 3, 3 of 10: brackets 0 1 2 0 1 0 2 0 1 2 or alike; find out by where they pause.
    const trials = Array.from({ length: 10 }, () => study.begin())
    const pauses = trials.map((trial) => firstPause(study, trial, 10 + trial, 4))
    const [eager, slow] = [1, 2].map((rung) => trials.filter((trial) => pauses[trial] === rung))
    assert.ok(eager!.length === 4 && slow!.length === 3)
    study.pause(...eager!, ...slow!)
    // Of three one has earned to go on, of four two; the rung of two reports is the higher one.
    const order = [slow![0]!, eager![0]!, eager![1]!]
    for (const trial of order) {
      assert.deepEqual(study.next(), { kind: 'resume', trial })
      study.resume(trial)
    }
    assert.deepEqual(study.next(), { kind: 'sample' })
  })

  test('while the length of a training is not known, one trial runs through and the others play in the brackets known so far', () => {
    const study = stage(hyperband({ eta: 3 }))
    const [scout, other] = [study.begin(), study.begin()]
    assert.deepEqual(study.reports(scout, [5, 5]), ['go', 'go'])
    assert.equal(study.report(other, 9), 'pause')
    study.pause(other)
    // Three reports make a second bracket, which lacks most.
    assert.equal(study.report(scout, 5), 'go')
    const second = study.begin()
    assert.equal(firstPause(study, second, 9, 4), 3)
    study.pause(second)
    assert.deepEqual(study.reports(scout, [5, 5, 5, 5, 5, 5]), Array(6).fill('go'))
    study.end(scout)
    // Nine it is: the third bracket never pauses.
    const third = study.begin()
    assert.equal(firstPause(study, third, 99, 12), undefined)
  })

  test('another trial takes over where the one that runs through fails', () => {
    const study = stage(hyperband({ eta: 3 }))
    const [scout, other] = [study.begin(), study.begin()]
    study.report(scout, 1)
    study.end(scout, 'failed')
    assert.deepEqual(study.reports(other, [2, 2, 2, 2]), Array(4).fill('go'))
    // It has shown that there is a second bracket.
    assert.equal(firstPause(study, study.begin(), 3, 9), 3)
  })

  test('each bracket trains its best trial to the end', () => {
    const { study } = playCurves({
      pruner: hyperband({ eta: 3, maxResource: 27 }),
      curves: curves.ranked({ length: 27 }),
      trials: 12,
      workers: 3,
    })
    assert.ok(study.ledger.counts.finished >= 4, `${study.ledger.counts.finished} of four brackets`)
  })

  test('where early reports mislead, it finds what random search finds', () => {
    const reached = [0, 1, 2, 3, 4].filter((seed) => {
      const of = { curves: curves.crossing({ seed, length: 27 }), seed, workers: 4 }
      const whole = playCurves({ pruner: { name: 'none', begin: () => ({ judge: () => 'go' }) }, trials: 40, ...of }).history.at(-1)!
      const played = playCurves({ pruner: hyperband({ maxResource: 27 }), trials: 400, target: whole.best * 1.05, ...of })
      return played.history.at(-1)!.best <= whole.best * 1.05
    })
    assert.ok(reached.length >= 4, `${reached.length} of 5`)
  })

  test('options', () => {
    assert.throws(() => hyperband({ eta: 1 }), { code: 'BAD_OPTION' })
    assert.throws(() => hyperband({ minResource: 9, maxResource: 3 }), { code: 'BAD_OPTION', message: /maxResource.*minResource/ })
    assert.throws(() => hyperband({ brackets: 3 } as object), { code: 'UNKNOWN_OPTION' })
  })
})
