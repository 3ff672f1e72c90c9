/** Children of points are points, and differ from them as they should. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../src/core/random.ts'
import { cross, fresh, isSearched, mutate, polynomialStep, scaledStep } from '../../src/hpo/variation.ts'
import { type Assignment, dimensions as d, kindOf, searchSpace } from '../../src/space/index.ts'
import fc from '../laws.ts'
import { dimensionsOf } from '../space/arbitrary.ts'

const spaceOf = dimensionsOf.map((dimensions) => searchSpace(dimensions))

test('a mutation is another point of the space, wherever there is one', () => {
  fc.assert(
    fc.property(spaceOf, fc.nat(), (space, seed) => {
      const chance = random(seed)
      const parent = space.sample(chance)
      const child = mutate(space, parent, scaledStep, chance)
      assert.equal(space.problem(child), undefined)
      const listed = space
        .active(parent)
        .filter((name) => isSearched(space.dimensions[name]!) && kindOf(space.dimensions[name]!).points(space.dimensions[name]!))
      // Of one that is listed the value changes for certain; a continuous one may take a step too short for its numbers.
      if (listed.length === space.active(parent).length) assert.notDeepEqual(child, parent)
    }),
  )
})

test('a mutation changes one dimension in the mean or a few more, and of each about as often', () => {
  const space = searchSpace(
    Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, i < 4 ? d.uniform(0, 1) : d.choice([1, 2, 3])])),
  )
  const chance = random(1)
  const counts = new Map<string, number>()
  let total = 0
  for (let i = 0; i < 4000; i++) {
    const parent = space.sample(chance)
    const child = mutate(space, parent, scaledStep, chance)
    const changes = space.names.filter((name) => child[name] !== parent[name])
    assert.ok(changes.length >= 1)
    total += changes.length
    for (const name of changes) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // One for certain, and of the other seven each with 1/8.
  assert.ok(Math.abs(total / 4000 - (1 + 7 / 8)) < 0.1, `${total / 4000}`)
  for (const count of counts.values()) assert.ok(Math.abs(count / total - 1 / 8) < 0.02)
})

test('an ordered value goes to its neighbours more than far away; one without an order to any other alike', () => {
  const space = searchSpace({ n: d.int(0, 9) })
  const other = searchSpace({ c: d.choice([...Array(10).keys()]) })
  const chance = random(2)
  const counts = (make: () => number | string | boolean) => {
    const seen = new Array(10).fill(0)
    for (let i = 0; i < 5000; i++) seen[Number(make())]++
    return seen.map((count) => count / 5000)
  }
  const near = counts(() => mutate(space, { n: 4 }, polynomialStep(20), chance).n!)
  assert.equal(near[4], 0)
  assert.ok(near[3]! > 0.3 && near[5]! > 0.3 && near[9]! < 0.01)
  const any = counts(() => mutate(other, { c: 4 }, polynomialStep(20), chance).c!)
  assert.equal(any[4], 0)
  for (const [c, share] of any.entries()) if (c !== 4) assert.ok(Math.abs(share - 1 / 9) < 0.02)
  // At an end the only neighbour is taken.
  assert.ok(counts(() => mutate(space, { n: 0 }, () => -1e-9, chance).n!)[1] === 1)
  assert.ok(counts(() => mutate(space, { n: 9 }, () => 1e-9, chance).n!)[8] === 1)
})

test('what counts only by a change is drawn; what counts no more is gone', () => {
  const space = searchSpace({ c: d.boolean(), a: d.when({ c: true }, d.uniform(0, 1)), b: d.when({ c: false }, d.int(1, 9)) })
  const chance = random(3)
  const children = Array.from({ length: 300 }, () => mutate(space, { c: true, a: 0.5 }, scaledStep, chance))
  const turned = children.filter(({ c }) => c === false)
  assert.ok(turned.length > 60 && turned.length < 260)
  assert.equal(new Set(turned.map(({ b }) => b)).size, 9)
  for (const child of turned) assert.deepEqual(Object.keys(child), ['c', 'b'])
})

test('a crossing is a point of the space that takes each value from its parents, or lies by them where there is an order', () => {
  fc.assert(
    fc.property(spaceOf, fc.nat(), (space, seed) => {
      const chance = random(seed)
      const [one, other] = [space.sample(chance), space.sample(chance)]
      const child = cross(space, one, other, 15, chance)
      assert.equal(space.problem(child), undefined)
      for (const [name, value] of Object.entries(child)) {
        const parents = [one, other].flatMap((parent) => (Object.hasOwn(parent, name) ? [parent[name]] : []))
        if (parents.length > 0 && !kindOf(space.dimensions[name]!).ordered) assert.ok(parents.includes(value))
        if (parents.length === 2 && parents[0] === parents[1]) assert.equal(value, parents[0])
      }
    }),
  )
})

test('crossing keeps the middle of two numbers, and spreads as they do: the nearer they are, the nearer is the child', () => {
  const space = searchSpace({ x: d.uniform(0, 1) })
  const chance = random(5)
  const children = (a: number, b: number) => Array.from({ length: 4000 }, () => Number(cross(space, { x: a }, { x: b }, 15, chance).x))
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
  assert.ok(Math.abs(mean(children(0.4, 0.6)) - 0.5) < 0.005)
  const distance = (a: number, b: number) => mean(children(a, b).map((x) => Math.min(Math.abs(x - a), Math.abs(x - b))))
  assert.ok(distance(0.49, 0.51) < distance(0.3, 0.7) / 10)
})

test('steps have mean 0, and mutations of numbers stay inside', () => {
  const chance = random(7)
  for (const step of [scaledStep, polynomialStep(20)]) {
    const steps = Array.from({ length: 4000 }, () => step(chance))
    assert.ok(Math.abs(steps.reduce((sum, x) => sum + x, 0) / 4000) < 0.01)
    assert.ok(steps.some((x) => Math.abs(x) < 0.01) && steps.some((x) => Math.abs(x) > 0.1))
  }
  const space = searchSpace({ x: d.uniform(0, 1) })
  const moved = (by: number) => Number(mutate(space, { x: 0.9 }, () => by, chance).x)
  assert.ok(Math.abs(moved(0.3) - 0.8) < 1e-12)
  assert.ok(Math.abs(moved(-1.2) - 0.3) < 1e-12)
  assert.ok(Math.abs(moved(2.05) - 0.95) < 1e-12)
})

test('a fresh point is feasible and new while there are such, and else feasible', () => {
  const space = searchSpace({ n: d.int(1, 6) }, { constraint: ({ n }) => Number(n) !== 2 })
  const chance = random(1)
  const make = () => space.fromUnit([chance.uniform()])
  const not =
    (...some: number[]) =>
    ({ n }: Assignment) =>
      some.includes(Number(n))
  for (let i = 0; i < 50; i++) {
    assert.deepEqual(fresh(space, not(1, 3, 4, 6), make, chance), { n: 5 })
    assert.ok([1, 3, 4, 5, 6].includes(Number(fresh(space, not(1, 2, 3, 4, 5, 6), make, chance).n)))
    assert.deepEqual(
      fresh(space, not(1, 3, 4, 6), () => ({ n: 1 }), chance),
      { n: 5 },
    )
  }
})
