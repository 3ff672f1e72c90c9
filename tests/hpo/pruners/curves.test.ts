import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { none } from '../../../src/hpo/pruners/index.ts'
import { type Curve, type CurveFamily, curves } from '../../../src/hpo/testing/curves.ts'
import { playCurves } from '../../../src/hpo/testing/playCurves.ts'

const families = Object.keys(curves) as CurveFamily[]

/** The levels of a whole training. */
function levels({ start, length, after }: Curve): number[] {
  const all: number[] = []
  for (let i = 0; i < length; i++) all.push(after(all.at(-1) ?? start, i))
  return all
}

suite('learning curves', () => {
  for (const family of families) {
    test(`${family}: they follow from seed and assignment, fall where the end is below, and steps rise`, () => {
      const { space, curve } = curves[family]({ seed: 4 })
      for (let i = 0; i < 50; i++) {
        const assignment = space.sample(random(i))
        const [one, other] = [curve(assignment), curves[family]({ seed: 4 }).curve(assignment)]
        assert.deepEqual(levels(one), levels(other))
        for (let k = 0; k < one.length; k++) {
          assert.equal(one.noise(k), other.noise(k))
          if (k > 0) assert.ok(one.step(k) > one.step(k - 1))
        }
        const finite = levels(one).filter(Number.isFinite)
        const falls = finite.slice(1).map((level, k) => Math.sign(level - finite[k]!))
        assert.ok(new Set(falls).size <= 1, 'a curve without noise goes one way')
      }
    })
  }

  test('power and exponential are what they are called', () => {
    const assignment = curves.power().space.sample(random(1))
    const power = levels(curves.power().curve(assignment))
    const exponential = levels(curves.exponential().curve(assignment))
    // Differences of an exponential shrink by one factor; of a power law the level above its end is a line in logarithms.
    const ratios = exponential.slice(2).map((level, i) => (level - exponential[i + 1]!) / (exponential[i + 1]! - exponential[i]!))
    for (const ratio of ratios.slice(0, 20)) assert.ok(Math.abs(ratio - ratios[0]!) < 1e-6)
    const late = power.slice(2).map((level, i) => (level - power[i + 1]!) / (power[i + 1]! - power[i]!))
    assert.ok(late[60]! > late[1]!, 'a power law slows down')
  })

  test('ranked curves keep their order, crossing ones do not; the better of those is the slower', () => {
    const disorder = (family: CurveFamily) => {
      const { space, curve } = curves[family]()
      const all = Array.from({ length: 30 }, (_, i) => levels(curve(space.sample(random(i)))))
      let swapped = 0
      for (const a of all) for (const b of all) if (a[2]! < b[2]! && a.at(-1)! > b.at(-1)!) swapped++
      return swapped
    }
    assert.equal(disorder('ranked'), 0)
    assert.ok(disorder('crossing') > 100)
  })

  test('a played study without a pruner trains every trial to its end, faster with more workers', () => {
    const of = { pruner: none(), curves: curves.power({ length: 10 }), trials: 40 }
    const [one, eight] = [1, 8].map((workers) => playCurves({ ...of, workers, spread: 0 }))
    for (const { resource, study } of [one!, eight!]) {
      assert.equal(resource, 400)
      assert.equal(study.ledger.counts.finished, 40)
    }
    assert.ok(Math.abs(one!.time - 400) < 40)
    assert.ok(Math.abs(eight!.time / one!.time - 1 / 8) < 0.01, `${eight!.time} of ${one!.time}`)
  })

  test('lost workers cost what they did since the last checkpoint, and lose no trial', () => {
    const of = { pruner: none(), curves: curves.power({ length: 10 }), trials: 40, workers: 4 }
    const { resource, study, events } = playCurves({ ...of, faults: { preempted: 0.1 } })
    const returned = events.filter(({ event }) => event.kind === 'return').length
    assert.ok(returned > 20)
    // The last report of a trial may be lost too, and is then made again.
    assert.equal(resource, 400 + returned)
    assert.equal(study.ledger.counts.finished, 40)
    for (const { reports } of study.ledger.entries)
      assert.deepEqual(
        reports.map(({ step }) => step),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
  })

  test('the same points are tried whatever becomes of them, and a study can be left at a target', () => {
    const of = { curves: curves.power({ length: 10 }), trials: 40, workers: 4 }
    const whole = playCurves({ ...of, pruner: none() })
    const target = whole.history[3]!.best
    const left = playCurves({ ...of, pruner: none(), target })
    assert.equal(left.history.at(-1)!.best, target)
    assert.ok(left.resource < whole.resource)
    for (const { number, assignment } of left.study.ledger.entries)
      assert.deepEqual(assignment, whole.study.ledger.entries[number]!.assignment)
  })
})
