/** Changes a good assignment a little: what a copy in population based training tries. */
import type { Random } from '../../core/random.ts'
import { type Assignment, type Dimension, kindOf, type SearchSpace, type Value } from '../../space/index.ts'

export interface ExploreOptions {
  /** The dimensions that may change. */
  readonly names: readonly string[]
  /** How often one is drawn anew rather than nudged. */
  readonly resample: number
}

/** So many tries that change nothing feasible leave the parent's own values. */
const mostTries = 100

/**
 * A point of the space near its parent, feasible if that is. Dimensions that come to count by the change are drawn.
 */
export function explore(space: SearchSpace, parent: Assignment, { names, resample }: ExploreOptions, random: Random): Assignment {
  for (let i = 0; i < mostTries; i++) {
    const values: Record<string, Value> = {}
    for (const name of space.names) {
      if (!space.active(values).includes(name)) continue
      const dimension = space.dimensions[name]!
      const value = Object.hasOwn(parent, name) ? parent[name] : undefined
      if (value === undefined || (names.includes(name) && random.uniform() < resample)) values[name] = draw(dimension, random)
      else values[name] = names.includes(name) ? nudge(dimension, value, random) : value
    }
    if (space.problem(values) === undefined && space.feasible(values)) return values
  }
  return parent
}

function draw(dimension: Dimension, random: Random): Value {
  return kindOf(dimension).fromUnit(dimension, random.uniform())
}

/** Numbers by a factor of 0.8 or 1.2, kept in their range; what is ordered to a neighbour; what is not, anew. */
function nudge(dimension: Dimension, value: Value, random: Random): Value {
  const up = random.uniform() < 0.5
  const scaled = Number(value) * (up ? 1.2 : 0.8)
  switch (dimension.kind) {
    case 'uniform':
    case 'logUniform':
      return clamp(scaled, dimension.low, dimension.high)
    case 'normal':
      return scaled
    case 'int':
    case 'logInt': {
      const rounded = Math.round(scaled)
      return clamp(rounded === value ? Number(value) + (up ? 1 : -1) : rounded, dimension.low, dimension.high)
    }
    case 'quantized':
    case 'ordinal': {
      const points = kindOf(dimension).points(dimension)!
      return points[clamp(points.indexOf(value) + (up ? 1 : -1), 0, points.length - 1)]!
    }
    case 'choice':
    case 'boolean':
      return draw(dimension, random)
    case 'fixed':
      return value
    default:
      return dimension satisfies never
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
