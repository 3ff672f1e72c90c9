/** A grid tries each combination once, knows how many there are, and says when it cannot. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { latticeOf } from '../../../src/hpo/grid/lattice.ts'
import { permutation } from '../../../src/hpo/grid/permutation.ts'
import { samplers } from '../../../src/hpo/index.ts'
import { gridOf } from '../../../src/hpo/samplers/grid.ts'
import { blankStudy, playStudy } from '../../../src/hpo/testing/play.ts'
import { everyPoint } from '../../../src/hpo/testing/spaces.ts'
import { type Assignment, dimensions as d, kindOf, type SearchSpace, searchSpace } from '../../../src/space/index.ts'
import fc from '../../laws.ts'
import { dimensionsOf } from '../../space/arbitrary.ts'

const key = (space: SearchSpace, assignment: Assignment) => JSON.stringify(space.names.map((name) => assignment[name]))
const begin = (space: SearchSpace, options = {}, trials: number | undefined = 100) =>
  samplers.grid(options).begin({ space, objectives: 1, trials, workers: 1 }, random(0))
const unfit = (space: SearchSpace, message: RegExp, trials?: number) =>
  assert.throws(() => samplers.grid().begin({ space, objectives: 1, trials, workers: 1 }, random(0)), { code: 'SAMPLER_UNFIT', message })

test('a lattice has each point of a space once, whatever its conditions; its size is counted without listing them', () => {
  fc.assert(
    fc.property(dimensionsOf, (dimensions) => {
      const space = searchSpace(dimensions)
      // A few values of each dimension are enough, and keep the listing short.
      const values = (name: string) => (kindOf(dimensions[name]!).points(dimensions[name]!) ?? [0.25, 0.5]).slice(0, 3)
      const known = everyPoint(space, (dimension) => values(Object.keys(dimensions).find((name) => dimensions[name] === dimension)!))
      const lattice = latticeOf(space, values)
      assert.equal(lattice.size, known.length)
      const points = Array.from({ length: lattice.size }, (_, i) => lattice.at(i))
      assert.deepEqual(points.map((point) => key(space, point)).sort(), known.map((point) => key(space, point)).sort())
      for (const point of points) assert.deepEqual(Object.keys(point), space.active(point))
    }),
  )
})

test('points come as nested loops would make them', () => {
  const space = searchSpace({ a: d.int(1, 2), b: d.choice(['x', 'y', 'z']), c: d.boolean() })
  const { at, size } = gridOf(space)
  const loops = [1, 2].flatMap((a) => ['x', 'y', 'z'].flatMap((b) => [false, true].map((c) => ({ a, b, c }))))
  assert.deepEqual(
    Array.from({ length: size }, (_, i) => at(i)),
    loops,
  )
})

test('a condition on one value of a million costs nothing', () => {
  const space = searchSpace({ n: d.int(1, 1_000_000), extra: d.when({ n: 7 }, d.int(1, 5)), flag: d.boolean() })
  const { size, at } = gridOf(space)
  assert.equal(size, (999_999 + 5) * 2)
  assert.ok([0, 13, size - 1].every((i) => space.problem(at(i)) === undefined))
})

test('sizes beyond what numbers count are still answered, and their first points are points', () => {
  const space = searchSpace(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, d.int(1, 100)])))
  const { size, at } = gridOf(space)
  assert.ok(Math.abs(size / 1e60 - 1) < 1e-9)
  assert.equal(space.problem(at(12345)), undefined)
  const sampling = begin(space, { shuffle: true })
  const asked = sampling.ask(0, blankStudy())
  assert.equal(asked.kind === 'point' && space.problem(asked.assignment), undefined)
})

test('a shuffle is a permutation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(), (size, seed) => {
      const place = permutation(size, random(seed))
      const places = Array.from({ length: size }, (_, i) => place(i))
      assert.deepEqual(
        places.toSorted((a, b) => a - b),
        Array.from({ length: size }, (_, i) => i),
      )
    }),
    { numRuns: 30 },
  )
  const place = permutation(2 ** 52, random(1))
  const far = Array.from({ length: 1000 }, (_, i) => place(i))
  assert.equal(new Set(far).size, 1000)
  assert.ok(far.every((one) => Number.isSafeInteger(one) && one >= 0 && one < 2 ** 52))
  assert.ok(Math.abs(far.reduce((sum, one) => sum + one / 2 ** 52, 0) / 1000 - 0.5) < 0.05)
})

test('ranges are cut on their own scale, with both ends; normal ones at the middles of equally likely parts', () => {
  const values = (dimension: ReturnType<typeof d.uniform>, points: number) => {
    const { size, at } = gridOf(searchSpace({ x: dimension }), points)
    return Array.from({ length: size }, (_, i) => at(i).x as number)
  }
  assert.deepEqual(values(d.uniform(-1, 1), 5), [-1, -0.5, 0, 0.5, 1])
  assert.deepEqual(values(d.uniform(0, 10), 1), [5])
  for (const [i, x] of values(d.logUniform(1e-4, 1), 5).entries()) assert.ok(Math.abs(x / 10 ** (i - 4) - 1) < 1e-12)
  const [a, b, c] = values(d.normal(10, 2), 3) as [number, number, number]
  assert.ok(Math.abs(b - 10) < 1e-12 && Math.abs(a + c - 20) < 1e-12 && Math.abs(c - 10 - 2 * 0.967421566) < 1e-6)
  assert.deepEqual(values(d.int(0, 10_000_000), 3), [0, 5_000_000, 10_000_000])
  // What has an end of values keeps them all.
  assert.deepEqual(values(d.int(1, 6), 3), [1, 2, 3, 4, 5, 6])
})

test('infeasible points and points that were tried are left out, and the end is told with the count', () => {
  const space = searchSpace({ a: d.int(1, 4), b: d.int(1, 4) }, { constraint: ({ a, b }) => Number(a) !== Number(b) })
  const enqueued = [
    { a: 4, b: 1 },
    { a: 2, b: 3 },
  ]
  const { study, done } = playStudy({
    sampler: samplers.grid(),
    space,
    trials: 100,
    workers: 3,
    enqueued,
    objective: () => ({ state: 'failed' }),
  })
  assert.equal(study.trials.length, 12)
  assert.equal(new Set(study.trials.map(({ assignment }) => key(space, assignment))).size, 12)
  assert.equal(done, 'all 12 feasible points of the grid were tried, of 16')
  const whole = playStudy({ sampler: samplers.grid(), space: searchSpace({ a: d.int(1, 4) }), trials: 100, objective: () => 0 })
  assert.equal(whole.done, 'all 4 points of the grid were tried')
})

test('a grid of which nothing is feasible is done at once', () => {
  const space = searchSpace({ a: d.int(1, 4) }, { constraint: () => false })
  assert.deepEqual(begin(space).ask(0, blankStudy()), { kind: 'done', reason: 'all 0 feasible points of the grid were tried, of 4' })
})

test('an enqueued point between those of the grid takes none of them away', () => {
  const space = searchSpace({ x: d.uniform(0, 1) })
  const played = playStudy({
    sampler: samplers.grid({ points: 3 }),
    space,
    trials: 10,
    enqueued: [{ x: 0.123 }, { x: 0.5 }],
    objective: () => 0,
  })
  assert.deepEqual(
    played.study.trials.map(({ assignment }) => assignment.x),
    [0.123, 0.5, 0, 1],
  )
})

test('a shuffled grid has the same points in another order, by the seed', () => {
  const space = searchSpace({ a: d.int(1, 20), b: d.boolean() })
  const story = (options: object, seed: number) =>
    playStudy({ sampler: samplers.grid(options), space, trials: 100, seed, objective: () => 0 }).study.trials.map(({ assignment }) =>
      key(space, assignment),
    )
  assert.notDeepEqual(story({ shuffle: true }, 1), story({}, 1))
  assert.notDeepEqual(story({ shuffle: true }, 1), story({ shuffle: true }, 2))
  assert.deepEqual(story({ shuffle: true }, 1).sort(), story({}, 1).sort())
})

test('what a grid cannot be made of is refused', () => {
  const open = searchSpace({ rate: d.logUniform(1e-4, 1), n: d.int(1, 3), noise: d.normal(0, 1) })
  unfit(
    open,
    /'grid' cannot be used here: there is no end of values of 'rate', 'noise' \(a number from 0.0001 to 1 \(log\)\)\. Give them steps with space\.quantized, or use the option 'points'/,
  )
  const large = searchSpace({ a: d.int(1, 100_000), b: d.int(1, 101) })
  unfit(large, /the grid has 10,100,000 points; say how many of them to try \('--trials 1000'\)/)
  unfit(searchSpace({ a: d.int(1, 1000), b: d.int(1, 10_000) }), /10,000,000 points/)
  assert.equal(begin(searchSpace({ a: d.int(1, 999), b: d.int(1, 10_000) })).ask(0, blankStudy()).kind, 'point')
  assert.equal(begin(large, {}, 5).ask(0, blankStudy()).kind, 'point')
  const never = searchSpace({ a: d.int(1, 100_000), b: d.int(1, 101) }, { constraint: () => false })
  assert.throws(() => begin(never, {}, 5).ask(0, blankStudy()), { code: 'SAMPLER_UNFIT', message: /none of 1,000,000 points in a row/ })
  for (const points of [0, 2.5, -1, Number.NaN, '3'])
    assert.throws(() => samplers.grid({ points: points as number }), { code: 'BAD_OPTION' })
  assert.throws(() => samplers.grid({ shuffle: 1 as unknown as boolean }), { code: 'BAD_OPTION' })
  assert.throws(() => samplers.grid({ point: 3 } as object), { code: 'UNKNOWN_OPTION', message: /Did you mean 'points'/ })
})
