/** How evolution changes points: steps, crossings, and what becomes active by them. */
import type { Random } from '../core/random.ts'
import { type Assignment, type Dimension, kindOf, type SearchSpace, type Value } from '../space/index.ts'

/**
 * A point near another: each dimension that counts is changed with chance 1 / (their number), at least one of them. One with an order
 * takes a step on its unit interval, reflected at the ends, and to another value; one without takes another value. What counts only
 * by the change is drawn. The point may not be feasible.
 */
export function mutate(space: SearchSpace, parent: Assignment, step: (chance: Random) => number, chance: Random): Assignment {
  const searched = space.active(parent).filter((name) => isSearched(space.dimensions[name]!))
  if (searched.length === 0) return completed(space, parent, chance)
  const sure = searched[chance.int(searched.length)]
  const child: Record<string, Value> = { ...parent }
  for (const name of searched) {
    if (name === sure || chance.uniform() * searched.length < 1)
      child[name] = changed(space.dimensions[name]!, parent[name]!, step(chance), chance)
  }
  return completed(space, child, chance)
}

/**
 * A point between two: simulated binary crossover where both have a dimension with an order, which gives values near either (K. Deb,
 * R. Agrawal, 1995); else the value of one of them. What neither has is drawn.
 *
 * @param spread its distribution index: the larger, the nearer to the parents
 */
export function cross(space: SearchSpace, one: Assignment, other: Assignment, spread: number, chance: Random): Assignment {
  const child: Record<string, Value> = {}
  for (const name of space.names) {
    const [a, b] = [one, other].map((parent) => (Object.hasOwn(parent, name) ? parent[name] : undefined))
    const [first, second] = chance.uniform() < 0.5 ? [a, b] : [b, a]
    const value = first ?? second
    if (value === undefined) continue
    const dimension = space.dimensions[name]!
    const { ordered, fromUnit, toUnit } = kindOf(dimension)
    child[name] = value
    if (!ordered || first === undefined || second === undefined || first === second || chance.uniform() < 0.5) continue
    const [u, v] = [toUnit(dimension, first), toUnit(dimension, second)]
    const share = chance.uniform()
    const beta = share < 0.5 ? (2 * share) ** (1 / (spread + 1)) : (2 - 2 * share) ** (-1 / (spread + 1))
    child[name] = fromUnit(dimension, Math.min(1, Math.max(0, ((1 + beta) * u + (1 - beta) * v) / 2)))
  }
  return completed(space, child, chance)
}

/** Tries before a point of chance is taken instead. */
const mostTries = 30

/** A feasible point that the study has not tried, of those that `make` makes; where they are hard to find, one drawn from the space. */
export function fresh(
  space: SearchSpace,
  isTried: (assignment: Assignment) => boolean,
  make: () => Assignment,
  chance: Random,
): Assignment {
  for (let i = 0; i < mostTries; i++) {
    const assignment = make()
    if (!isTried(assignment) && space.feasible(assignment)) return assignment
  }
  // Where all points were tried it has to be one of them.
  let drawn = space.sample(chance)
  for (let i = 0; i < mostTries && isTried(drawn); i++) drawn = space.sample(chance)
  return drawn
}

/** A step of polynomial mutation on the unit interval (K. Deb, 2001): mostly about 1 / spread. */
export function polynomialStep(spread: number): (chance: Random) => number {
  return (chance) => {
    const u = chance.uniform()
    return u < 0.5 ? (2 * u) ** (1 / (spread + 1)) - 1 : 1 - (2 - 2 * u) ** (1 / (spread + 1))
  }
}

/** A normal step whose length is drawn too, from a thousandth of the range to a third of it, each power of ten alike: coarse and fine at once. */
export function scaledStep(chance: Random): number {
  return chance.normal() * 10 ** (-3 + 2.5 * chance.uniform())
}

/** Whether it has more than one value. */
export function isSearched(dimension: Dimension): boolean {
  return kindOf(dimension).points(dimension)?.length !== 1
}

function changed(dimension: Dimension, value: Value, step: number, chance: Random): Value {
  const { ordered, points, fromUnit, toUnit } = kindOf(dimension)
  const listed = points(dimension)
  if (!ordered && listed) {
    const others = listed.filter((other) => other !== value)
    return others[chance.int(others.length)]!
  }
  const moved = fromUnit(dimension, reflected(toUnit(dimension, value) + step))
  if (!listed || moved !== value) return moved
  // Too short a step to leave the value: its neighbour, on the side the step went or else on the other.
  const at = listed.indexOf(value)
  const to = at + (step < 0 ? -1 : 1)
  return listed[to] ?? listed[2 * at - to]!
}

function reflected(u: number): number {
  const folded = Math.abs(u) % 2
  return folded > 1 ? 2 - folded : folded
}

/** The values that count, and draws for those that are missing. */
function completed(space: SearchSpace, some: Assignment, chance: Random): Assignment {
  const whole: Record<string, Value> = {}
  for (const name of space.names) {
    if (!space.active(whole).includes(name)) continue
    const dimension = space.dimensions[name]!
    whole[name] = Object.hasOwn(some, name) ? some[name]! : kindOf(dimension).fromUnit(dimension, chance.uniform())
  }
  return whole
}
