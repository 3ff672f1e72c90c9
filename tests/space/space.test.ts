/** The laws of spaces: what counts, what is feasible, what a unit vector stands for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { type Assignment, dimensions as d, kindOf, type SearchSpace, searchSpace, type Value } from '../../src/space/index.ts'
import fc from '../laws.ts'
import { dimensionsOf, unit } from './arbitrary.ts'

const spaceOf = dimensionsOf.map((dimensions) => searchSpace(dimensions))
const law = (what: string, check: (space: SearchSpace, seed: number) => void) =>
  test(what, () => fc.assert(fc.property(spaceOf, fc.nat(), check)))

law('a point drawn has no problem, and its dimensions are those that count', (space, seed) => {
  const point = space.sample(random(seed))
  assert.equal(space.problem(point), undefined)
  assert.deepEqual(Object.keys(point), space.active(point))
  assert.deepEqual(point, space.sample(random(seed)))
})

law('a condition stands before what counts under it; each name stands once', (space) => {
  assert.deepEqual([...space.names].sort(), Object.keys(space.dimensions).sort())
  for (const [name, { when = {} }] of Object.entries(space.dimensions))
    for (const other of Object.keys(when)) assert.ok(space.names.indexOf(other) < space.names.indexOf(name))
})

law('a dimension counts where all its conditions hold, and nowhere else', (space, seed) => {
  const point = space.sample(random(seed))
  for (const [name, { when = {} }] of Object.entries(space.dimensions)) {
    const holds = Object.entries(when).every(([other, values]) => Object.hasOwn(point, other) && values.includes(point[other]!))
    assert.equal(Object.hasOwn(point, name), holds)
  }
})

law('a unit vector is a point, and the point its unit vector; what does not count is NaN and not looked at', (space, seed) => {
  const point = space.sample(random(seed))
  const units = space.toUnit(point)
  assert.equal(units.length, space.names.length)
  for (const [i, u] of units.entries()) assert.equal(Number.isNaN(u), !Object.hasOwn(point, space.names[i]!))
  const again = space.fromUnit(units)
  assert.deepEqual(Object.keys(again), Object.keys(point))
  const [a, b] = [space.toUnit(again), units]
  for (const [i, u] of b.entries()) if (!Number.isNaN(u)) assert.ok(Math.abs(a[i]! - u) < 1e-9)
  const filled = units.map((u) => (Number.isNaN(u) ? 0.123 : u))
  assert.deepEqual(space.fromUnit(filled), again)
})

test('every vector of the unit cube, its corners too, is a point of the space', () => {
  fc.assert(
    fc.property(spaceOf, fc.array(unit, { minLength: 6, maxLength: 6 }), (space, units) => {
      assert.equal(space.problem(space.fromUnit(units)), undefined)
    }),
  )
})

law('a value too many, too few, or of another kind is a problem that names its dimension', (space, seed) => {
  const point: Record<string, Value> = space.sample(random(seed))
  const name = space.active(point)[seed % space.active(point).length]!
  const { [name]: taken, ...rest } = point
  assert.match(space.problem(rest) ?? '', new RegExp(`'${name}' has no value`))
  assert.match(space.problem({ ...point, foreign: 1 }) ?? '', /'foreign' is not in the space/)
  const other = { ...point, [name]: Number.NaN }
  assert.match(space.problem(other) ?? '', new RegExp(`'${name}' is NaN, which is not`))
  const idle = space.names.find((one) => !Object.hasOwn(point, one))
  if (idle !== undefined)
    assert.match(space.problem({ ...point, [idle]: taken! }) ?? '', new RegExp(`'${idle}' has the value .* does not count`))
})

test('points drawn meet the constraint, which sees the defaults where a dimension does not count', () => {
  const seen: Assignment[] = []
  const space = searchSpace(
    { optimizer: d.choice(['sgd', 'adam']), momentum: d.when({ optimizer: 'sgd' }, d.uniform(0, 1)) },
    {
      defaults: { momentum: -1, epochs: 5 },
      constraint: (config) => {
        seen.push(config)
        return Number(config.momentum) < 0.5
      },
    },
  )
  const chance = random(1)
  const points = Array.from({ length: 200 }, () => space.sample(chance))
  assert.ok(points.every((point) => space.feasible(point)))
  assert.ok(points.every(({ momentum }) => momentum === undefined || Number(momentum) < 0.5))
  assert.ok(points.some(({ momentum }) => momentum === undefined))
  assert.ok(seen.every((config) => config.epochs === 5 && (config.optimizer === 'sgd' || config.momentum === -1)))
  // Infeasible is no problem of the values: the two are told apart.
  assert.equal(space.problem({ optimizer: 'sgd', momentum: 0.9 }), undefined)
  assert.equal(space.feasible({ optimizer: 'sgd', momentum: 0.9 }), false)
})

test('constraints that cannot be met, that throw, and that say neither yes nor no', () => {
  const of = (constraint: (config: Readonly<Record<string, Value>>) => boolean) =>
    searchSpace({ x: d.uniform(0, 1) }, { constraint, defaults: { y: 2 } })
  const refused = (space: SearchSpace, code: string, message: RegExp) => assert.throws(() => space.sample(random(0)), { code, message })
  refused(
    of(() => false),
    'SPACE_UNSATISFIABLE',
    /none of 1000 points/,
  )
  refused(
    of(({ z }) => (z as unknown as string).length > 1),
    'SPACE_CONSTRAINT',
    /constraint threw '.*undefined.*' for \{"y":2,"x":0\.\d+\}/,
  )
  refused(
    of(({ x }) => x as unknown as boolean),
    'SPACE_CONSTRAINT',
    /gave 0\.\d+ for/,
  )
  refused(of((async () => true) as unknown as () => boolean), 'SPACE_CONSTRAINT', /gave a promise for/)
})

test('conditions of conditions: all must hold, and of one dimension several only where all agree', () => {
  const space = searchSpace({
    nesterov: d.when({ optimizer: 'sgd', momentum: true }, d.boolean()),
    momentum: d.when({ optimizer: ['sgd', 'rms'] }, d.boolean()),
    optimizer: d.choice(['sgd', 'rms', 'adam']),
  })
  assert.deepEqual(space.names, ['optimizer', 'momentum', 'nesterov'])
  assert.deepEqual(space.active({ optimizer: 'adam' }), ['optimizer'])
  assert.deepEqual(space.active({ optimizer: 'rms', momentum: true }), ['optimizer', 'momentum'])
  assert.deepEqual(space.active({ optimizer: 'sgd', momentum: true }), ['optimizer', 'momentum', 'nesterov'])
  const twice = d.when({ a: [1, 2] }, d.when({ a: [2, 3], b: true }, d.boolean()))
  assert.deepEqual(twice.when, { a: [2], b: [true] })
})

test('what is not a space is refused, with the dimension and the reason', () => {
  const refused = (dimensions: Record<string, unknown>, message: RegExp) =>
    assert.throws(() => searchSpace(dimensions as Record<string, ReturnType<typeof d.boolean>>), { code: 'SPACE_INVALID', message })
  assert.throws(() => searchSpace({}), { code: 'SPACE_EMPTY' })
  assert.deepEqual(searchSpace({}, { mayBeEmpty: true }).sample(random(0)), {})
  for (const none of [undefined, null, 3, [1, 2], {}, { kind: 'unifrom' }, { kind: '__proto__' }, { kind: 'toString' }])
    refused({ rate: none }, /'rate' is not a dimension; use one of space.boolean, space.choice/)
  refused(JSON.parse('{"__proto__":{"kind":"boolean"}}'), /'__proto__' cannot be the name/)
  refused({ a: d.choice([]) }, /'a' has no values/)
  refused({ a: d.choice([1, 2, 1]) }, /'a' has the value 1 twice/)
  refused({ a: d.ordinal([1, undefined as unknown as number]) }, /'a' has the value undefined; values are/)
  refused({ a: d.choice([Number.NaN]) }, /'a' has the value NaN/)
  refused({ a: d.choice([{} as unknown as string]) }, /'a' has the value \[object Object\]/)
  refused({ a: d.fixed(null as unknown as string) }, /'a' is fixed at null/)
  refused({ a: d.uniform(1, 0) }, /'a' goes from 1 down to 0/)
  refused({ a: d.uniform(1, 1) }, /'a' goes from 1 to 1, which is one value; use space.fixed\(1\)/)
  refused({ a: d.uniform(0, Number.POSITIVE_INFINITY) }, /'a' goes from 0 to Infinity; both ends are finite/)
  refused({ a: d.uniform(-1e308, 1e308) }, /too far/)
  refused({ a: d.uniform('0' as unknown as number, 1) }, /both ends are finite numbers/)
  refused({ a: d.logUniform(0, 1) }, /'a' goes from 0, but a logarithmic range begins above 0/)
  refused({ a: d.logUniform(-1, 1) }, /above 0/)
  refused({ a: d.int(0.5, 3) }, /'a' goes from 0.5 to 3; both ends are whole numbers/)
  refused({ a: d.int(0, 1e300) }, /below 2\^53/)
  refused({ a: d.int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) }, /too far/)
  refused({ a: d.logInt(0, 3) }, /above 0/)
  refused({ a: d.quantized(0, 1, 0) }, /'a' has the step 0; it is above 0 and at most 1/)
  refused({ a: d.quantized(0, 1, 2) }, /step 2; it is above 0 and at most 1/)
  refused({ a: d.quantized(0, 1, Number.NaN) }, /step NaN/)
  refused({ a: d.quantized(1e9, 1e9 + 1, 1e-9) }, /step 1e-9, which is too small/)
  refused({ a: d.normal(0, 0) }, /'a' has the mean 0 and the deviation 0/)
  refused({ a: d.normal(Number.NaN, 1) }, /the mean NaN/)
})

test('conditions that can never hold are refused', () => {
  const refused = (dimensions: Record<string, ReturnType<typeof d.boolean>>, message: RegExp) =>
    assert.throws(() => searchSpace(dimensions), { code: 'SPACE_INVALID', message })
  const opt = d.choice(['sgd', 'adam']) as unknown as ReturnType<typeof d.boolean>
  const on = (condition: Parameters<typeof d.when>[0]) => d.when(condition, d.boolean())
  refused(
    { optimizer: opt, m: on({ optimiser: 'sgd' }) },
    /'m' counts only where 'optimiser' has certain values, but there is no 'optimiser'; there is optimizer\./,
  )
  refused({ m: on({ other: 1 }) }, /there is nothing else/)
  refused({ opt, m: on({ opt: 'sdg' }) }, /'m' counts where 'opt' is sdg, but that is one of sgd, adam/)
  refused({ opt, m: on({ opt: [] }) }, /'m' can never count: its condition leaves no value of 'opt'/)
  refused({ opt, m: d.when({ opt: 'sgd' }, on({ opt: 'adam' })) }, /leaves no value of 'opt'/)
  refused({ a: on({ b: true }), b: on({ a: true }) }, /counts only under a condition on itself \(a -> b -> a\)/)
  refused({ a: on({ a: true }) }, /\(a -> a\)/)
  refused(
    { opt, a: on({ opt: 'sgd' }), b: on({ opt: 'adam', a: true }) },
    /'b' can never count: 'opt' would have to be adam, and at once sgd/,
  )
  refused(
    { x: d.uniform(0, 1) as unknown as ReturnType<typeof d.boolean>, a: on({ x: 0.5 }) },
    /'x' is 0.5, but of a number from 0 to 1 that is hardly ever drawn/,
  )
})

test('a stored space is the same space', () => {
  const space = searchSpace({
    o: d.choice(['sgd', 'adam']),
    m: d.when({ o: 'sgd' }, d.uniform(0, 0.99)),
    n: d.logInt(1, 64),
    q: d.quantized(0, 1, 0.1),
  })
  const again = searchSpace(JSON.parse(JSON.stringify(space.dimensions)))
  assert.deepEqual(again.dimensions, space.dimensions)
  assert.deepEqual(again.sample(random(4)), space.sample(random(4)))
  for (const one of Object.values(again.dimensions)) assert.equal(kindOf(one).problem(one), undefined)
})
