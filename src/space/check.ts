/** Dimensions are checked before anything is searched: each by itself, and the conditions between them. */
import { fail } from '../core/errors.ts'
import { nearest } from '../core/suggest.ts'
import type { Dimension, Value } from './dimension.ts'
import { describe, kindNames, kindOf } from './kinds.ts'

/**
 * The names in the order written, but conditions first.
 *
 * @throws SPACE_INVALID for what is not a dimension, has ends or values it cannot have, or can never count
 */
export function checkDimensions(dimensions: Readonly<Record<string, Dimension>>): readonly string[] {
  for (const [name, dimension] of Object.entries(dimensions)) checkDimension(name, dimension)
  const names: string[] = []
  const needs = new Map<string, Needs>()
  const visit = (name: string, path: readonly string[]): Needs => {
    const known = needs.get(name)
    if (known) return known
    if (path.includes(name)) throw fail('SPACE_INVALID', name, `counts only under a condition on itself (${[...path, name].join(' -> ')})`)
    const own: Needs = new Map()
    for (const [other, values] of Object.entries(dimensions[name]?.when ?? {})) {
      checkCondition(name, other, values, dimensions)
      narrow(name, own, other, values)
      for (const [further, its] of visit(other, [...path, name])) narrow(name, own, further, its)
    }
    needs.set(name, own)
    names.push(name)
    return own
  }
  for (const name of Object.keys(dimensions)) visit(name, [])
  return names
}

/** What others must be for a dimension to count, directly or because those count only so. */
type Needs = Map<string, readonly Value[]>

function narrow(name: string, needs: Needs, other: string, values: readonly Value[]): void {
  const before = needs.get(other)
  const both = before?.filter((value) => values.includes(value)) ?? values
  if (before && both.length === 0)
    throw fail(
      'SPACE_INVALID',
      name,
      `can never count: '${other}' would have to be ${before.join(' or ')}, and at once ${values.join(' or ')}`,
    )
  needs.set(other, both)
}

function checkCondition(name: string, other: string, values: readonly Value[], dimensions: Readonly<Record<string, Dimension>>): void {
  const dimension = Object.hasOwn(dimensions, other) ? dimensions[other] : undefined
  if (!dimension) {
    const known = Object.keys(dimensions).filter((one) => one !== name)
    const [near = known.join(', ')] = nearest(other, known)
    throw fail(
      'SPACE_INVALID',
      name,
      `counts only where '${other}' has certain values, but there is no '${other}'; there is ${near || 'nothing else'}`,
    )
  }
  if (!Array.isArray(values) || values.length === 0)
    throw fail('SPACE_INVALID', name, `can never count: its condition leaves no value of '${other}'`)
  if (kindOf(dimension).points(dimension) === undefined)
    throw fail(
      'SPACE_INVALID',
      name,
      `counts where '${other}' is ${values.join(' or ')}, but of ${describe(dimension)} that is hardly ever drawn`,
    )
  const foreign = values.findIndex((value) => !kindOf(dimension).contains(dimension, value))
  if (foreign >= 0) throw fail('SPACE_INVALID', name, `counts where '${other}' is ${values[foreign]}, but that is ${describe(dimension)}`)
}

function checkDimension(name: string, dimension: Dimension): void {
  if (name === '__proto__') throw fail('SPACE_INVALID', name, 'cannot be the name of a dimension')
  if (typeof dimension !== 'object' || dimension === null || !kindNames.includes(dimension.kind))
    throw fail('SPACE_INVALID', name, `is not a dimension; use one of ${kindNames.map((kind) => `space.${kind}`).join(', ')}`)
  const problem = kindOf(dimension).problem(dimension)
  if (problem !== undefined) throw fail('SPACE_INVALID', name, problem)
}
