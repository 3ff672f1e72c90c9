/** NSGA-II on the problems of Zitzler, Deb and Thiele (2000). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplers } from '../../../src/hpo/index.ts'
import { hypervolume, paretoFront } from '../../../src/hpo/pareto.ts'
import { type Play, playStudy } from '../../../src/hpo/testing/play.ts'
import { type Assignment, dimensions as d, searchSpace } from '../../../src/space/index.ts'

const n = 8
const space = searchSpace(Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, d.uniform(0, 1)])))

/** f and g of ZDT: the front is where g is 1. */
function parts(assignment: Assignment): [number, number] {
  const [first = 0, ...others] = Object.values(assignment).map(Number)
  return [first, 1 + (9 * others.reduce((sum, x) => sum + x, 0)) / (n - 1)]
}
const problems: Readonly<Record<string, (f: number, g: number) => number>> = {
  zdt1: (f, g) => g * (1 - Math.sqrt(f / g)),
  zdt2: (f, g) => g * (1 - (f / g) ** 2),
  zdt3: (f, g) => g * (1 - Math.sqrt(f / g) - (f / g) * Math.sin(10 * Math.PI * f)),
}
const reference = [1.1, 11]

function volumeOf(play: Partial<Play>, second: (f: number, g: number) => number, options: object = {}): number {
  const volumes = Array.from({ length: 3 }, (_, seed) => {
    const objective = (assignment: Assignment) => {
      const [f, g] = parts(assignment)
      return [f, second(f, g)]
    }
    const played = playStudy({ sampler: samplers.nsga2(options), space, trials: 400, seed, facts: { objectives: 2 }, objective, ...play })
    return hypervolume(
      played.study.ended.map(({ losses }) => losses!),
      reference,
    )
  })
  return volumes.sort((a, b) => a - b)[1]!
}

for (const [name, second] of Object.entries(problems)) {
  test(`${name}: a larger part of what can be dominated than chance finds in ten times the trials`, () => {
    const own = volumeOf({}, second)
    const chance = volumeOf({ sampler: samplers.random(), trials: 4000 }, second)
    assert.ok(own > chance, `${own} against ${chance}`)
    const parallel = volumeOf({ workers: 16 }, second)
    assert.ok(parallel > chance, `${parallel} with 16 workers, against ${chance}`)
  })
}

test('it finds the whole of a front, not one end of it', () => {
  const objective = (assignment: Assignment) => {
    const [f, g] = parts(assignment)
    return [f, problems.zdt1!(f, g)]
  }
  const { study } = playStudy({ sampler: samplers.nsga2(), space, trials: 2000, facts: { objectives: 2 }, objective })
  const losses = study.ended.map(({ losses }) => losses!)
  const front = paretoFront(losses).map((i) => losses[i]!)
  for (const [from, to] of [
    [0, 0.2],
    [0.2, 0.4],
    [0.4, 0.6],
    [0.6, 0.8],
  ] as const)
    assert.ok(front.some(([f]) => f! >= from && f! < to))
})

test('three objectives, choices and conditions', () => {
  const mixed = searchSpace({ x: d.uniform(0, 1), n: d.int(1, 9), c: d.choice(['a', 'b', 'c']), y: d.when({ c: 'b' }, d.uniform(0, 1)) })
  const objective = ({ x, n: whole, c, y = 1 }: Assignment) => [
    Number(x) + Number(y),
    (1 - Number(x)) * Number(whole),
    c === 'b' ? 0 : 1 / Number(whole),
  ]
  const volume = (sampler: ReturnType<typeof samplers.random>) => {
    const { study } = playStudy({ sampler, space: mixed, trials: 250, seed: 4, workers: 4, facts: { objectives: 3 }, objective })
    return hypervolume(
      study.ended.map(({ losses }) => losses!),
      [2, 9, 1.1],
    )
  }
  assert.ok(volume(samplers.nsga2()) > volume(samplers.random()))
})

test('with one objective it keeps the best and betters it', () => {
  const one = (sampler: ReturnType<typeof samplers.random>) =>
    playStudy({ sampler, space, trials: 300, objective: (a) => parts(a)[1] }).best
  assert.ok(one(samplers.nsga2()) - 1 < (one(samplers.random()) - 1) / 4)
})

test('bad options are refused', () => {
  for (const population of [1, 2.5]) assert.throws(() => samplers.nsga2({ population }), { code: 'BAD_OPTION' })
  for (const crossover of [-0.1, 1.1, Number.NaN]) assert.throws(() => samplers.nsga2({ crossover }), { code: 'BAD_OPTION' })
  assert.throws(() => samplers.nsga2({ mutation: 1 } as object), { code: 'UNKNOWN_OPTION' })
})
