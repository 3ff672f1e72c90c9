/** A search space as samplers that learn see it: axes of the unit cube, each continuous, in cells, or a list without an order. */
import { type Assignment, kindOf, type SearchSpace } from '../space/index.ts'

/** One dimension with more than one value. */
export interface Axis {
  readonly name: string
  /** Its place in the space's unit vectors. */
  readonly place: number
  /** Continuous, in ordered cells, or in cells without an order. */
  readonly kind: 'real' | 'grid' | 'list'
  /** How many cells; Infinity of a continuous one. */
  readonly cells: number
  cellOf(u: number): number
  /** Where a cell begins; `edge(cells)` is 1. */
  edge(cell: number): number
  /** Where the value of a cell stands, somewhere inside. */
  center(cell: number): number
}

/** More cells than this are as good as continuous: each is far narrower than any kernel. */
const mostCells = 2000

/** The axes of a space in its order, without dimensions of one value. */
export function axesOf({ names, dimensions }: SearchSpace): Axis[] {
  return names.flatMap((name, place): Axis[] => {
    const dimension = dimensions[name]!
    const { points, ordered, toUnit, fromUnit } = kindOf(dimension)
    const count = points(dimension)?.length ?? Number.POSITIVE_INFINITY
    if (count === 1) return []
    if (ordered && count > mostCells) {
      return [{ name, place, kind: 'real', cells: Number.POSITIVE_INFINITY, cellOf: () => 0, edge: (i) => i, center: () => 0.5 }]
    }
    const common = { name, place, kind: ordered ? 'grid' : 'list', cells: count } as const
    // The cells of a logarithm are not all as wide.
    if (dimension.kind === 'logInt') {
      const { low, high } = dimension
      // What toUnit gives for low + cell - 0.5, also where that number has no place for a half.
      const edge = (cell: number) => Math.log1p(cell / (low - 0.5)) / Math.log1p((high - low + 1) / (low - 0.5))
      return [{ ...common, cellOf: (u) => (fromUnit(dimension, u) as number) - low, edge, center: (cell) => toUnit(dimension, low + cell) }]
    }
    const cellOf = (u: number) => Math.min(count - 1, Math.max(0, Math.floor(u * count)))
    return [{ ...common, cellOf, edge: (cell) => cell / count, center: (cell) => (cell + 0.5) / count }]
  })
}

/** Where values stand on the axes: NaN where a dimension does not count, and for a value that is none of it. */
export function unitsOf({ dimensions }: SearchSpace, axes: readonly Axis[], assignment: Assignment): Float64Array {
  return Float64Array.from(axes, ({ name }) => {
    const dimension = dimensions[name]!
    if (!Object.hasOwn(assignment, name) || !kindOf(dimension).contains(dimension, assignment[name]!)) return Number.NaN
    return Math.min(1, Math.max(0, kindOf(dimension).toUnit(dimension, assignment[name]!)))
  })
}

/** The values of a point of the axes; what does not count there is not looked at. It may not be feasible. */
export function assignmentOf(space: SearchSpace, axes: readonly Axis[], units: ArrayLike<number>): Assignment {
  const all = new Float64Array(space.names.length).fill(0.5)
  for (const [i, { place }] of axes.entries()) all[place] = units[i] as number
  return space.fromUnit(all)
}
