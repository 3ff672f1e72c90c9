/** Regularized evolution: it breeds from the living, and age kills. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { samplers } from '../../../src/hpo/index.ts'
import { blankStudy, playStudy } from '../../../src/hpo/testing/play.ts'
import { type Assignment, dimensions as d, searchSpace } from '../../../src/space/index.ts'

const space = searchSpace({
  rate: d.logUniform(1e-5, 1),
  layers: d.int(1, 6),
  units: d.logInt(8, 512),
  activation: d.choice(['a', 'b', 'c', 'd']),
  momentum: d.when({ activation: ['a', 'b'] }, d.uniform(0, 1)),
})
const loss = ({ rate, layers, units, activation, momentum = 0.4 }: Assignment) =>
  (Math.log10(Number(rate)) + 2.5) ** 2 +
  0.3 * (Number(layers) - 4) ** 2 +
  0.3 * Math.log2(Number(units) / 100) ** 2 +
  (activation === 'b' ? 0 : 1) +
  (Number(momentum) - 0.9) ** 2

/** The sampler after it was told of points with losses. */
function told(points: readonly (readonly [Assignment, number])[], options: object, own = searchSpace({ x: d.uniform(0, 1) })) {
  const sampling = samplers.evolution(options).begin({ space: own, objectives: 1, trials: 100, workers: 1 }, random(0))
  const study = blankStudy()
  for (const [assignment, value] of points) {
    const trial = study.add(assignment)
    study.end(trial, value)
    sampling.tell?.(trial, study)
  }
  return Array.from({ length: 200 }, (_, i) => {
    const ask = sampling.ask(1000 + i, study)
    assert.ok(ask.kind === 'point')
    return Number(ask.assignment.x)
  })
}

test('on a mixed, conditional space it is far better than chance, alone and with 16 workers', () => {
  const best = (sampler: () => ReturnType<typeof samplers.random>, workers: number) =>
    Array.from({ length: 7 }, (_, seed) => playStudy({ sampler: sampler(), space, trials: 200, workers, seed, objective: loss }).best).sort(
      (a, b) => a - b,
    )[3]!
  const chance = best(samplers.random, 1)
  for (const workers of [1, 16]) {
    const own = best(samplers.evolution, workers)
    assert.ok(own < chance / 3, `${own} against ${chance}`)
  }
})

test('children are near the best of the living', () => {
  const points = [0.1, 0.3, 0.5, 0.7, 0.9].map((x) => [{ x }, Math.abs(x - 0.7)] as const)
  const children = told(points, { population: 5, tournament: 5 })
  assert.ok(children.filter((x) => Math.abs(x - 0.7) < 0.15).length > 120)
})

test('the best dies of age: what came last is what lives', () => {
  const points = [[{ x: 0.1 }, -100] as const, ...Array.from({ length: 4 }, (_, i) => [{ x: 0.8 + i * 0.01 }, 1] as const)]
  const within = (children: number[]) => children.filter((x) => Math.abs(x - 0.1) < 0.1).length
  assert.ok(within(told(points, { population: 5, tournament: 5 })) > 100)
  assert.ok(within(told(points, { population: 4, tournament: 4 })) < 20)
})

test('a tournament of one is no choice', () => {
  const points = [[{ x: 0.1 }, 0] as const, [{ x: 0.9 }, 1] as const]
  const children = told(points, { population: 2, tournament: 1 })
  const near = (to: number) => children.filter((x) => Math.abs(x - to) < 0.1).length
  assert.ok(near(0.1) > 50 && near(0.9) > 50)
})

test('before a population has ended, points are those of chance', () => {
  const sparse = told([[{ x: 0.5 }, 0]], { population: 2, tournament: 1 })
  assert.ok(sparse.filter((x) => x < 0.25).length > 30 && sparse.filter((x) => x > 0.75).length > 30)
})

test('a space with few points is gone through, none twice before all were tried', () => {
  const small = searchSpace({ a: d.int(1, 5), b: d.boolean(), c: d.choice(['x', 'y']) })
  const { study } = playStudy({
    sampler: samplers.evolution({ population: 4 }),
    space: small,
    trials: 20,
    workers: 3,
    objective: ({ a }) => Number(a),
  })
  assert.ok(new Set(study.trials.slice(4).map(({ assignment }) => JSON.stringify(assignment))).size === 16)
})

test('bad options are refused', () => {
  for (const population of [1, 2.5, Number.NaN]) assert.throws(() => samplers.evolution({ population }), { code: 'BAD_OPTION' })
  for (const tournament of [0, 25, 1.5])
    assert.throws(() => samplers.evolution({ tournament }), { code: 'BAD_OPTION', message: /from 1 to the population, 24/ })
  assert.throws(() => samplers.evolution({ size: 3 } as object), { code: 'UNKNOWN_OPTION' })
})
