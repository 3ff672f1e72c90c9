/** A search space: dimensions by name, which of them count when, and what may not go together. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Assignment, Dimension, DimensionData, Kind, Value } from './dimension.ts'
import * as kinds from './kinds/index.ts'

kinds satisfies { readonly [K in DimensionData['kind']]: Kind<Extract<DimensionData, { readonly kind: K }>> }

const table = kinds as unknown as Readonly<Record<string, Kind>>

export type Dimensions = Readonly<Record<string, Dimension>>

export interface SearchSpace {
  readonly dimensions: Dimensions
  /** In the order written, but a dimension after those its condition names. Unit vectors are in this order. */
  readonly names: readonly string[]
  /** The names that count, given the values so far. */
  active(assignment: Assignment): readonly string[]
  /** What is wrong with values, in words, if anything: one outside its dimension, one that is missing or does not count. */
  problem(assignment: Assignment): string | undefined
  /** Whether the constraint holds. */
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
  for (const [name, dimension] of Object.entries(dimensions)) checkDimension(name, dimension)
  const names = inOrder(dimensions)
  const counts = (name: string, assignment: Assignment) => {
    for (const [other, values] of Object.entries(dimensions[name]?.when ?? {})) {
      const value = Object.hasOwn(assignment, other) ? assignment[other] : undefined
      if (value === undefined || !values.includes(value)) return false
    }
    return true
  }
  const feasible = (assignment: Assignment) => constraint === undefined || constraint({ ...defaults, ...assignment }) === true
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
          if (value !== undefined) return `'${name}' has the value ${value}, but does not count here: its condition is not met`
        } else if (value === undefined) return `'${name}' has no value`
        else if (!kindOf(dimension).contains(dimension, value)) return `'${name}' is ${value}, which is not ${describe(dimension)}`
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

/** The facts of a dimension's kind. */
export function kindOf(dimension: DimensionData): Kind {
  return table[dimension.kind] as Kind
}

/** 'one of 64, 128, 256', 'from 0.001 to 1 (log)'. */
export function describe(dimension: DimensionData): string {
  switch (dimension.kind) {
    case 'choice':
      return `one of ${dimension.values.join(', ')}`
    case 'ordinal':
      return `one of ${dimension.values.join(' < ')}`
    case 'boolean':
      return 'true or false'
    case 'fixed':
      return `always ${dimension.value}`
    case 'uniform':
      return `a number from ${dimension.low} to ${dimension.high}`
    case 'logUniform':
      return `a number from ${dimension.low} to ${dimension.high} (log)`
    case 'int':
      return `a whole number from ${dimension.low} to ${dimension.high}`
    case 'logInt':
      return `a whole number from ${dimension.low} to ${dimension.high} (log)`
    case 'quantized':
      return `a number from ${dimension.low} to ${dimension.high} in steps of ${dimension.step}`
    case 'normal':
      return `a normal number, ${dimension.mean} ± ${dimension.deviation}`
    default:
      return dimension satisfies never
  }
}

function checkDimension(name: string, dimension: Dimension): void {
  const known = typeof dimension === 'object' && dimension !== null && Object.hasOwn(kinds, dimension.kind)
  if (!known)
    throw fail(
      'SPACE_INVALID',
      name,
      `is not a dimension; use one of ${Object.keys(kinds)
        .map((kind) => `space.${kind}`)
        .join(', ')}`,
    )
  const problem = kindOf(dimension).problem(dimension)
  if (problem !== undefined) throw fail('SPACE_INVALID', name, problem)
}

/** Conditions first. @throws SPACE_INVALID for conditions that wait for each other, or that can never hold */
function inOrder(dimensions: Dimensions): string[] {
  const names: string[] = []
  const visit = (name: string, path: readonly string[]) => {
    if (names.includes(name)) return
    if (path.includes(name)) throw fail('SPACE_INVALID', name, `counts only under a condition on itself (${[...path, name].join(' -> ')})`)
    for (const [other, values] of Object.entries(dimensions[name]?.when ?? {})) {
      const dimension = Object.hasOwn(dimensions, other) ? dimensions[other] : undefined
      if (!dimension) throw fail('SPACE_INVALID', name, `counts only where '${other}' has certain values, but that is not in the space`)
      const never = values.find((value) => !kindOf(dimension).contains(dimension, value))
      if (never !== undefined) throw fail('SPACE_INVALID', name, `counts where '${other}' is ${never}, but that is ${describe(dimension)}`)
      visit(other, [...path, name])
    }
    names.push(name)
  }
  for (const name of Object.keys(dimensions)) visit(name, [])
  return names
}
