/** The points of a grid, counted and found by number without listing them. */
import type { Assignment, Dimension, SearchSpace, Value } from '../../space/index.ts'

export interface Lattice {
  /** How many points there are, feasible or not; not exact beyond 2^53. */
  readonly size: number
  /** Point `index`, from 0 to size - 1: as nested loops would list them, the last name's values changing fastest. */
  at(index: number): Assignment
}

/** All combinations of values, each dimension only where it counts. */
export function latticeOf(space: SearchSpace, valuesOf: (name: string) => readonly Value[]): Lattice {
  const parts = components(space).map((names) => partOf(space, names, valuesOf))
  return {
    size: parts.reduce((product, { size }) => product * size, 1),
    at(index) {
      const assignment: Record<string, Value> = {}
      let rest = index
      for (const part of parts.toReversed()) {
        Object.assign(assignment, part.at(rest % part.size))
        rest = Math.floor(rest / part.size)
      }
      return Object.fromEntries(space.names.filter((name) => Object.hasOwn(assignment, name)).map((name) => [name, assignment[name]!]))
    },
  }
}

/** Names that conditions tie together, each such group in the space's order: groups are chosen from apart from each other. */
function components({ names, dimensions }: SearchSpace): string[][] {
  const groupOf = new Map<string, string[]>()
  for (const name of names) {
    const groups = new Set(Object.keys(dimensions[name]?.when ?? {}).map((other) => groupOf.get(other) as string[]))
    const merged = [...[...groups].flat(), name]
    for (const one of merged) groupOf.set(one, merged)
  }
  return [...new Set(groupOf.values())].map((group) => names.filter((name) => group.includes(name)))
}

/**
 * The lattice of one such group: a tree over its names, in which values that switch the same conditions share a branch. So a choice
 * of a thousand values with one special one has two branches, and what counts below is counted once for each.
 */
function partOf(space: SearchSpace, names: readonly string[], valuesOf: (name: string) => readonly Value[]): Lattice {
  const [name, ...others] = names
  if (name === undefined) return { size: 1, at: () => ({}) }
  return branch(space, name, others, {}, valuesOf)
}

function branch(
  space: SearchSpace,
  name: string,
  others: readonly string[],
  above: Assignment,
  valuesOf: (name: string) => readonly Value[],
): Lattice {
  const below = (assignment: Assignment): Lattice => {
    const [next, ...rest] = others
    return next === undefined ? { size: 1, at: () => ({}) } : branch(space, next, rest, assignment, valuesOf)
  }
  if (!space.active(above).includes(name)) return below(above)
  const groups = alike(
    valuesOf(name),
    name,
    others.map((other) => space.dimensions[other] as Dimension),
  )
  const branches = groups.map((values) => ({ values, below: below({ ...above, [name]: values[0]! }) }))
  return {
    size: branches.reduce((sum, { values, below }) => sum + values.length * below.size, 0),
    at(index) {
      let rest = index
      for (const { values, below } of branches) {
        const here = values.length * below.size
        if (rest < here) return { [name]: values[Math.floor(rest / below.size)]!, ...below.at(rest % below.size) }
        rest -= here
      }
      throw new RangeError(`there is no point ${index}`)
    },
  }
}

/** Values of a name, gathered by which conditions on it they meet. */
function alike(values: readonly Value[], name: string, dimensions: readonly Dimension[]): (readonly Value[])[] {
  const conditions = dimensions.flatMap(({ when }) => (when && Object.hasOwn(when, name) ? [when[name] as readonly Value[]] : []))
  if (conditions.length === 0) return [values]
  return [...Map.groupBy(values, (value) => conditions.map((met) => met.includes(value)).join()).values()]
}
