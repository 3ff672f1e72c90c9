/** Parzen estimators are probability densities, draw what they say, and know only what trials know. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { type Axis, axesOf } from '../../../src/hpo/axes.ts'
import { density, type Kernels } from '../../../src/hpo/tpe/density.ts'
import { dimensions as d, searchSpace } from '../../../src/space/index.ts'
import fc from '../../laws.ts'
import { integral } from '../integral.ts'

const near = (a: number, b: number, tolerance: number) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`)
const axes = axesOf(searchSpace({ x: d.uniform(0, 1), n: d.logInt(1, 6), c: d.choice(['a', 'b', 'c']) }))
const at = (name: string) => axes.findIndex((axis) => axis.name === name)

function kernels(points: readonly (readonly number[])[], { narrowest = 0.02, weights = points.map(() => 1), prior = 1 } = {}): Kernels {
  const columns = (points[0] ?? axes).map((_, k) => Float64Array.from(points, (point) => point[k]!))
  const ascending = columns.map((column) =>
    Int32Array.from([...column.keys()].filter((i) => !Number.isNaN(column[i])).sort((a, b) => column[a]! - column[b]!)),
  )
  return { count: points.length, columns, ascending, weights: Float64Array.from(weights), prior, narrowest }
}

/** The sum over cells of the integral over x. */
function total(of: (point: Float64Array) => number, only: readonly Axis[] = axes): number {
  const points = (names: readonly Axis[]): number[][] =>
    names.reduce<number[][]>(
      (all, axis) => all.flatMap((point) => Array.from({ length: axis.cells }, (_, cell) => [...point, axis.center(cell)])),
      [[]],
    )
  const discrete = only.filter(({ kind }) => kind !== 'real')
  return points(discrete).reduce((sum, cells) => {
    const make = (x: number) =>
      Float64Array.from(axes, (axis) => (axis.kind === 'real' ? x : (cells[discrete.indexOf(axis)] ?? Number.NaN)))
    return sum + (only.includes(axes[at('x')]!) ? integral((x) => of(make(x)), 0, 1, 400) : of(make(Number.NaN)))
  }, 0)
}

const u = fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) })
const trials = fc.array(fc.tuple(u, u, u), { maxLength: 12 })

test('it is a density: over the space its sum is one, whatever the trials are, and whichever dimensions count', () => {
  fc.assert(
    fc.property(trials, (points) => {
      const { log } = density(axes, kernels(points))
      near(
        total((point) => Math.exp(log(point))),
        1,
        2e-4,
      )
      near(
        total((point) => Math.exp(log(point)), [axes[at('c')]!]),
        1,
        1e-9,
      )
      near(
        total((point) => Math.exp(log(point)), [axes[at('x')]!]),
        1,
        2e-4,
      )
    }),
    { numRuns: 25 },
  )
})

test('without trials, and where trials have no values, it is uniform', () => {
  for (const points of [[], [[Number.NaN, Number.NaN, Number.NaN]]]) {
    const { log } = density(axes, kernels(points))
    const point = Float64Array.from(axes, (axis) => (axis.kind === 'real' ? 0.37 : axis.center(1)))
    const n = axes[at('n')]!
    near(log(point), Math.log((n.edge(2) - n.edge(1)) / 3), 1e-12)
  }
})

test('one continuous kernel is its formula: a cut normal, mixed with the uniform density by their weights', () => {
  const one = axesOf(searchSpace({ x: d.uniform(0, 1) }))
  // The only kernel's gap is to the farther end: 0.7 of 0.6 wide.
  const { log } = density(one, kernels([[0.4]], { weights: [3], prior: 1 }))
  const height = (x: number) => Math.exp(-0.5 * ((x - 0.4) / 0.42) ** 2)
  const mass = integral(height, 0, 1)
  for (const x of [0, 0.2, 0.4, 0.9, 1]) near(log(Float64Array.of(x)), Math.log((0.75 * height(x)) / mass + 0.25), 1e-9)
})

test('one kernel of a choice is its formula', () => {
  const one = axesOf(searchSpace({ c: d.choice(['a', 'b', 'c']) }))
  const { log } = density(one, kernels([[1 / 6]], { weights: [1], prior: 1 }))
  // a = 1 / 2: (1 + a) / (1 + 3 a) of its own value, a / (1 + 3 a) of another; half of it uniform.
  near(log(Float64Array.of(1 / 6)), Math.log(0.5 * 0.6 + 0.5 / 3), 1e-12)
  near(log(Float64Array.of(0.5)), Math.log(0.5 * 0.2 + 0.5 / 3), 1e-12)
})

test('draws follow the density', () => {
  const points = [
    [0.1, 0.9, 0.2],
    [0.15, 0.8, 0.5],
    [0.7, 0.1, Number.NaN],
    [0.72, Number.NaN, 0.9],
  ]
  const one = density(axes, kernels(points, { weights: [1, 2, 1, 3], prior: 1.5 }))
  const chance = random(3)
  const draws = Array.from({ length: 20_000 }, () => one.sample(chance))
  const share = (is: (point: Float64Array) => boolean) => draws.filter(is).length / draws.length
  const [x, n, c] = [at('x'), at('n'), at('c')]
  for (const [from, to] of [
    [0, 0.12],
    [0.12, 0.3],
    [0.6, 0.75],
  ] as const) {
    const alone = (value: number) => Math.exp(one.log(Float64Array.from(axes, ({ kind }) => (kind === 'real' ? value : Number.NaN))))
    near(
      share((point) => point[x]! >= from && point[x]! < to),
      integral(alone, from, to),
      0.015,
    )
  }
  for (const name of ['n', 'c'] as const) {
    const axis = axes[at(name)]!
    for (let cell = 0; cell < axis.cells; cell++) {
      const alone = Float64Array.from(axes, (other) => (other === axis ? axis.center(cell) : Number.NaN))
      near(
        share((point) => axis.cellOf(point[name === 'n' ? n : c]!) === cell),
        Math.exp(one.log(alone)),
        0.015,
      )
    }
  }
})

test('kernels far away are left out without a trace', () => {
  const chance = random(1)
  const points = Array.from({ length: 150 }, () => [chance.uniform(), chance.uniform(), chance.uniform()])
  const all = density(axes, kernels(points))
  for (let i = 0; i < 10; i++) {
    const point = Float64Array.from(axes, (axis) => (axis.kind === 'real' ? chance.uniform() : axis.center(chance.int(axis.cells))))
    // Each alone, so that nothing is left out, with the widths that all have together.
    const parts = points.map((_, k) => {
      const weights = points.map((_, other) => (other === k ? 1 : 0))
      return Math.exp(density(axes, kernels(points, { weights, prior: 1e-300 })).log(point))
    })
    const uniform = Math.exp(density(axes, kernels([])).log(point))
    const sum = (parts.reduce((a, b) => a + b, 0) + uniform) / (points.length + 1)
    near(all.log(point), Math.log(sum), 1e-9)
  }
})
