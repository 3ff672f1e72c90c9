/** Points of a space as a Gaussian process sees them. */
import type { Assignment, SearchSpace } from '../../space/index.ts'
import { type Axis, assignmentOf, unitsOf } from '../axes.ts'

export interface Places {
  readonly space: SearchSpace
  readonly axes: readonly Axis[]
  /**
   * Values stand where their cells' centers are; what does not count stands in the middle, so that the kernel sees no difference
   * there between two trials without it.
   */
  of(assignment: Assignment): Float64Array
  /** Where the values stand that a point of the unit cube stands for. */
  snapped(units: Float64Array): Float64Array
  assignment(units: Float64Array): Assignment
}

export function placesOf(space: SearchSpace, axes: readonly Axis[]): Places {
  const conditional = axes.some(({ name }) => space.dimensions[name]!.when !== undefined)
  const of = (assignment: Assignment) => {
    const units = unitsOf(space, axes, assignment)
    for (let d = 0; d < units.length; d++) if (Number.isNaN(units[d])) units[d] = 0.5
    return units
  }
  return {
    space,
    axes,
    of,
    snapped(units) {
      if (conditional) return of(assignmentOf(space, axes, units))
      const place = new Float64Array(units.length)
      for (const [d, axis] of axes.entries()) place[d] = axis.kind === 'real' ? units[d]! : axis.center(axis.cellOf(units[d]!))
      return place
    },
    assignment: (units) => assignmentOf(space, axes, units),
  }
}
