/** A search space: dimensions by name, which of them count when, and what may not go together. */
import { fail, failBecause, messageOf } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { checkDimensions } from './check.ts'
import type { Assignment, Dimension, Value } from './dimension.ts'
import { describe, kindOf } from './kinds.ts'

export type Dimensions = Readonly<Record<string, Dimension>>

export interface SearchSpace {
  readonly dimensions: Dimensions
  /** In the order written, but a dimension after those its condition names. Unit vectors are in this order. */
  readonly names: readonly string[]
  /** The names that count, given the values so far. */
  active(assignment: Assignment): readonly string[]
  /** What is wrong with values, in words, if anything: one outside its dimension, one that is missing or does not count. */
  problem(assignment: Assignment): string | undefined
  /** Whether the constraint holds. @throws SPACE_CONSTRAINT where it throws, or gives anything but true or false */
  feasible(assignment: Assignment): boolean
  /** A feasible point, each dimension drawn as it says. @throws SPACE_UNSATISFIABLE */
  sample(random: Random): Assignment
  /** The point of a unit vector; numbers of what does not count are not looked at. It may not be feasible. */
  fromUnit(units: ArrayLike<number>): Assignment
  /** Its unit vector, NaN where a dimension does not count. */
  toUnit(assignment: Assignment): Float64Array
}

export interface SpaceOptions {
  /** What stands where a dimension does not count: the config's own values. */
  readonly defaults?: Readonly<Record<string, Value>>
  /** Which configs may be tried. */
  readonly constraint?: (config: Readonly<Record<string, Value>>) => boolean
  /** Allows a space without dimensions, of which there is one point. */
  readonly mayBeEmpty?: boolean
}

/** A constraint that a thousand draws do not meet leaves too little of the space to search. */
const mostDraws = 1000

/**
 * Checks dimensions and makes them a space.
 *
 * @throws SPACE_EMPTY, SPACE_INVALID
 * @example `searchSpace({ hidden: int(8, 256), learningRate: logUniform(1e-4, 1) }).sample(random(0))`
 */
export function searchSpace(dimensions: Dimensions, { defaults = {}, constraint, mayBeEmpty }: SpaceOptions = {}): SearchSpace {
  if (!mayBeEmpty && Object.keys(dimensions).length === 0) throw fail('SPACE_EMPTY')
  const names = checkDimensions(dimensions)
  const counts = (name: string, assignment: Assignment) => {
    for (const [other, values] of Object.entries(dimensions[name]?.when ?? {})) {
      const value = Object.hasOwn(assignment, other) ? assignment[other] : undefined
      if (value === undefined || !values.includes(value)) return false
    }
    return true
  }
  const feasible = (assignment: Assignment) => constraint === undefined || holds(constraint, { ...defaults, ...assignment })
  const fromUnit = (units: ArrayLike<number>) => {
    const assignment: Record<string, Value> = {}
    names.forEach((name, i) => {
      const dimension = dimensions[name] as Dimension
      if (counts(name, assignment)) assignment[name] = kindOf(dimension).fromUnit(dimension, units[i] as number)
    })
    return assignment
  }

  return {
    dimensions,
    names,
    active: (assignment) => names.filter((name) => counts(name, assignment)),
    problem(assignment) {
      const foreign = Object.keys(assignment).find((name) => !Object.hasOwn(dimensions, name))
      if (foreign !== undefined) return `'${foreign}' is not in the space`
      for (const name of names) {
        const value = Object.hasOwn(assignment, name) ? assignment[name] : undefined
        const dimension = dimensions[name] as Dimension
        if (!counts(name, assignment)) {
          if (value !== undefined) return `'${name}' has the value ${quoted(value)}, but does not count here: its condition is not met`
        } else if (value === undefined) return `'${name}' has no value`
        else if (!kindOf(dimension).contains(dimension, value)) return `'${name}' is ${quoted(value)}, which is not ${describe(dimension)}`
      }
      return undefined
    },
    feasible,
    sample(random) {
      for (let i = 0; i < mostDraws; i++) {
        const assignment = fromUnit(names.map(() => random.uniform()))
        if (feasible(assignment)) return assignment
      }
      throw fail('SPACE_UNSATISFIABLE', mostDraws)
    },
    fromUnit,
    toUnit(assignment) {
      return Float64Array.from(names, (name) => {
        const dimension = dimensions[name] as Dimension
        return Object.hasOwn(assignment, name) ? kindOf(dimension).toUnit(dimension, assignment[name] as Value) : Number.NaN
      })
    },
  }
}

function holds(constraint: NonNullable<SpaceOptions['constraint']>, config: Readonly<Record<string, Value>>): boolean {
  let answer: unknown
  try {
    answer = constraint(config)
  } catch (error) {
    throw failBecause(error, 'SPACE_CONSTRAINT', `threw '${messageOf(error)}'`, config)
  }
  if (typeof answer !== 'boolean')
    throw fail('SPACE_CONSTRAINT', `gave ${answer instanceof Promise ? 'a promise' : String(answer)}`, config)
  return answer
}

function quoted(value: Value): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
