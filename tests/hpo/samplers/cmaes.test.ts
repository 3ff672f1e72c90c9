/** CMA-ES: it learns, in any order of arrival, and nothing that is told throws it off. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, random } from '../../../src/core/random.ts'
import { coordinatesOf, createTables, keepMargin, vectorOf } from '../../../src/hpo/cmaes/coordinates.ts'
import { createStrategy, type Strategy } from '../../../src/hpo/cmaes/strategy.ts'
import { samplers } from '../../../src/hpo/index.ts'
import { blankStudy, type Play, playStudy } from '../../../src/hpo/testing/play.ts'
import { type Assignment, dimensions as d, type SearchSpace, searchSpace } from '../../../src/space/index.ts'
import fc from '../../laws.ts'

const cube = (n: number) => searchSpace(Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, d.uniform(-5, 5)])))
const numbers = (assignment: Assignment) => Object.values(assignment).map(Number)
const sphere = (assignment: Assignment) => numbers(assignment).reduce((sum, x) => sum + (x - 1) ** 2, 0)
const play = (space: SearchSpace, objective: Play['objective'], rest: Partial<Play> = {}) =>
  playStudy({ sampler: samplers.cmaes(), space, objective, trials: 300, ...rest })

/** Generations of a strategy on a function of vectors. */
function evolve(strategy: Strategy, f: (x: Float64Array) => number, generations: number, chance: Random): void {
  for (let g = 0; g < generations; g++) {
    const points = Array.from({ length: strategy.lambda }, () => strategy.draw(chance))
    strategy.update(
      points.toSorted((a, b) => f(a) - f(b)),
      false,
    )
  }
}

test("it finds the minimum of a sphere and of Rosenbrock's valley to many digits", () => {
  assert.ok(play(cube(4), sphere, { trials: 900 }).best < 1e-8)
  const valley = (assignment: Assignment) => {
    const [x = 0, y = 0] = numbers(assignment)
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2
  }
  assert.ok(play(cube(2), valley, { trials: 900 }).best < 1e-6)
})

test('the strategy learns axes that differ a thousandfold, however they lie', () => {
  const turned = (x: Float64Array) => {
    const [a, b, c] = [x[0]! + x[1]!, x[0]! - x[1]! + x[2]!, x[2]! - 0.3 * x[0]!]
    return a * a + 1e3 * b * b + 1e6 * c * c
  }
  const strategy = createStrategy(Float64Array.of(1, 1, 1), 0.5, 8)
  evolve(strategy, turned, 250, random(1))
  assert.ok(turned(strategy.mean) < 1e-9, `${turned(strategy.mean)}`)
})

test('only the order of losses counts', () => {
  const told = (change: (loss: number) => number) =>
    play(cube(3), (a) => change(sphere(a)), { workers: 3 }).study.trials.map(({ assignment }) => assignment)
  assert.deepEqual(
    told((loss) => 7 + loss * 16),
    told((loss) => loss),
  )
  assert.deepEqual(told((loss) => (loss > 4 ? Number.POSITIVE_INFINITY : loss)).slice(0, 7), told((loss) => loss).slice(0, 7))
})

test("the order in which a generation's results arrive does not matter", () => {
  const space = cube(3)
  const next = (order: readonly number[]) => {
    const sampling = samplers.cmaes({ population: 6 }).begin({ space, objectives: 1, trials: 50, workers: 6 }, random(2))
    const study = blankStudy()
    const trials = order.map(() => {
      const ask = sampling.ask(study.trials.length, study)
      assert.ok(ask.kind === 'point')
      return study.add(ask.assignment)
    })
    for (const i of order) {
      study.end(trials[i]!, sphere(trials[i]!.assignment))
      sampling.tell?.(trials[i]!, study)
    }
    return sampling.ask(6, study)
  }
  const forth = next([0, 1, 2, 3, 4, 5])
  // The sums over a generation are by rank, so not even their rounding differs.
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), (order) => assert.deepEqual(next(order), forth)),
    { numRuns: 20 },
  )
})

test('64 workers never wait, and it learns from what they bring in any order', () => {
  const alone = play(cube(4), sphere, { trials: 1000, workers: 64 }).best
  const chance = playStudy({ sampler: samplers.random(), space: cube(4), objective: sphere, trials: 1000 }).best
  assert.ok(alone < chance / 20, `${alone} against ${chance}`)
})

test('with a noise for an objective, whole numbers change its width as what they were rounded from would', () => {
  const space = searchSpace({ n: d.int(0, 9) })
  const coordinates = coordinatesOf(space)
  const narrowed = (told: (x: Float64Array, strategy: Strategy, chance: Random) => Float64Array) => {
    let sum = 0
    for (let seed = 0; seed < 300; seed++) {
      const chance = random(seed)
      const strategy = createStrategy(Float64Array.of(0.5), 0.03, 8)
      for (let g = 0; g < 12; g++)
        strategy.update(
          Array.from({ length: 8 }, () => told(strategy.draw(chance), strategy, chance)),
          false,
        )
      sum += Math.log(strategy.deviation(0) / 0.03) / 300
    }
    return sum
  }
  const middles = (x: Float64Array) => space.toUnit(space.fromUnit(x))
  const [itself, within, middle] = [
    narrowed((x) => x),
    narrowed((x, strategy, chance) => vectorOf(coordinates, middles(x), strategy, chance)),
    narrowed(middles),
  ]
  assert.ok(Math.abs(within - itself) < 0.1, `${within} against ${itself}`)
  // The middles of cells alone, which are further apart or closer than what was drawn, would not.
  assert.ok(Math.abs(middle - itself) > 0.2, `${middle} against ${itself}`)
})

test('a value stands for a place in its cell; one that does not count for a place anywhere', () => {
  const space = searchSpace({
    n: d.int(1, 5),
    l: d.logInt(2, 9),
    q: d.quantized(0, 1, 0.25),
    o: d.ordinal(['a', 'b']),
    x: d.uniform(0, 2),
    c: d.choice([1, 2]),
    when: d.when({ c: 2 }, d.uniform(0, 1)),
  })
  const coordinates = coordinatesOf(space)
  assert.deepEqual(
    coordinates.map(({ name }) => name),
    ['n', 'l', 'q', 'o', 'x', 'when'],
  )
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 1e-12, max: 1, noNaN: true }),
      (seed, mean, step) => {
        const chance = random(seed)
        const strategy = createStrategy(new Float64Array(6).fill(mean), step, 6)
        const assignment = space.sample(chance)
        const vector = vectorOf(coordinates, space.toUnit(assignment), strategy, chance)
        assert.ok(vector.every(Number.isFinite))
        const units = space.toUnit(assignment).map((u) => (Number.isNaN(u) ? 0 : u))
        for (const [i, { place }] of coordinates.entries()) units[place] = Math.min(1, Math.max(0, vector[i]!))
        const again = space.fromUnit(units)
        // On the border of a cell rounding decides.
        for (const { name, cell, place } of coordinates) {
          if (!cell || again[name] === assignment[name]) continue
          const [low, high] = cell(space.toUnit(assignment)[place]!)
          assert.ok(
            Math.min(Math.abs(units[place]! - low), Math.abs(units[place]! - high)) < 1e-9,
            `${name}: ${again[name]} for ${assignment[name]}`,
          )
        }
      },
    ),
  )
})

test('whole numbers keep a margin: however narrow the rest has become, a neighbour is still drawn', () => {
  const space = searchSpace({ n: d.int(0, 20), x: d.uniform(0, 1) })
  const coordinates = coordinatesOf(space)
  const strategy = createStrategy(Float64Array.of(0.5, 0.5), 1e-9, 8)
  keepMargin(coordinates, strategy)
  assert.ok(strategy.deviation(1) < 2e-9)
  const chance = random(1)
  const seen = Array.from({ length: 4000 }, () => space.fromUnit(strategy.draw(chance).map((u) => Math.min(1, Math.max(0, u)))).n)
  const others = seen.filter((n) => n !== 10).length / 4000
  // 1 / (n lambda) on either side.
  assert.ok(Math.abs(others - 2 / 16) < 0.03, `${others}`)
  assert.ok(seen.includes(9) && seen.includes(11))
})

test('a whole number that hardly matters is found too', () => {
  const space = searchSpace({ n: d.int(0, 30), x: d.uniform(0, 1), y: d.uniform(0, 1) })
  const objective = ({ n, x, y }: Assignment) => (Number(x) - 0.3) ** 2 + (Number(y) - 0.6) ** 2 + 1e-5 * Math.abs(Number(n) - 27)
  const found = [1, 2, 3, 4, 5].map((seed) => {
    const { study } = play(space, objective, { trials: 600, seed })
    return study.ended.toSorted((a, b) => a.losses![0]! - b.losses![0]!)[0]!.assignment.n
  })
  assert.ok(found.filter((n) => n === 27).length >= 4, `${found}`)
})

test('values without an order: the better is drawn more and more, and none is forgotten', () => {
  const space = searchSpace({ x: d.uniform(0, 1), c: d.choice(['a', 'b', 'c', 'd']) })
  const { study } = play(space, ({ x, c }) => (Number(x) - 0.5) ** 2 + (c === 'c' ? 0 : 1), { trials: 400 })
  const last = study.trials.slice(-150).map(({ assignment }) => assignment.c)
  assert.ok(last.filter((c) => c === 'c').length > 90)
  assert.equal(new Set(last).size, 4)
  // By itself: what is told of one dimension does not touch the other, and what does not count says nothing.
  const two = searchSpace({ a: d.boolean(), b: d.when({ a: true }, d.choice([1, 2, 3])) })
  const tables = createTables(two)
  for (let i = 0; i < 50; i++) tables.update([{ a: false }], Float64Array.of(1), 0.3)
  const chance = random(1)
  const drawn = Array.from({ length: 3000 }, () => two.fromUnit([...Array(2).keys()].map((place) => tables.draw(chance).get(place)!)))
  const shares = [1, 2, 3].map((b) => drawn.filter((one) => one.b === b).length / drawn.filter((one) => one.a === true).length)
  assert.ok(drawn.filter((one) => one.a === true).length < 600)
  for (const share of shares) assert.ok(Math.abs(share - 1 / 3) < 0.12, `${shares}`)
})

test('a far result of elsewhere moves it by a bounded step only', () => {
  const strategy = createStrategy(Float64Array.of(0.5, 0.5), 1e-6, 6)
  const chance = random(4)
  const points = [Float64Array.of(1, 0), ...Array.from({ length: 5 }, () => strategy.draw(chance))]
  strategy.update(points, false)
  assert.ok(Math.abs(strategy.mean[0]! - 0.5) < 1e-5)
  assert.ok(strategy.deviation(0) < 1e-5 && strategy.deviation(0) > 1e-7)
})

test('when it has converged it begins anew elsewhere, and finds what it had missed', () => {
  // A basin in the middle with a poor bottom, and a narrower one in a corner that is better.
  const basins = ({ x0, x1 }: Assignment) => {
    const [x, y] = [Number(x0), Number(x1)]
    return Math.min(1 + 0.1 * (x * x + y * y), 0.5 * ((x - 3.5) ** 2 + (y - 3.5) ** 2))
  }
  const { study, best } = play(cube(2), basins, { trials: 6000 })
  const first = Math.min(...study.ended.slice(0, 400).map(({ losses }) => losses![0]!))
  assert.ok(Math.abs(first - 1) < 1e-3, `${first}`)
  assert.ok(best < 1e-3, `${best}`)
})

test('bad options are refused', () => {
  for (const population of [3, 4.5, Number.NaN]) assert.throws(() => samplers.cmaes({ population }), { code: 'BAD_OPTION' })
  for (const step of [0, -1, 2, Number.NaN]) assert.throws(() => samplers.cmaes({ step }), { code: 'BAD_OPTION' })
  assert.throws(() => samplers.cmaes({ sigma: 1 } as object), { code: 'UNKNOWN_OPTION' })
})

test('an end value that is told far from the mean is a finite number, whatever is drawn', () => {
  const space = searchSpace({ n: d.int(0, 1), m: d.logInt(1, 1500) })
  const coordinates = coordinatesOf(space)
  const chance = random('far')
  for (let i = 0; i < 400; i++) {
    // The cell of 0 ends 36 to 40 deviations off, where shares have few digits left, then none.
    const strategy = createStrategy(Float64Array.of(0.999, 0.999), 0.499 / (36 + i / 100), 6)
    const low = vectorOf(coordinates, space.toUnit({ n: 0, m: 1 }), strategy, chance)
    assert.ok(low.every(Number.isFinite) && (low[0] as number) < 0.501, `${low}`)
    const mirrored = createStrategy(Float64Array.of(0.001, 0.001), 0.499 / (36 + i / 100), 6)
    const high = vectorOf(coordinates, space.toUnit({ n: 1, m: 1500 }), mirrored, chance)
    assert.ok(high.every(Number.isFinite) && (high[0] as number) > 0.499, `${high}`)
  }
})
