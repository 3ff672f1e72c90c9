/** How wide kernels are on each axis, and their probabilities of cells. */
import type { Axis } from '../axes.ts'
import { logMass } from './truncated.ts'

/** Part of the gap to a neighbour that a kernel is wide. */
const share = 0.7

/** By kernel; what has no value has none either. */
export type Widths = Float64Array

/** A share of the larger gap to the neighbours in the axis' order (J. Bergstra and others, 2011); of the outermost, of the only one. */
export function widthsOf(column: Float64Array, ascending: Int32Array, narrowest: number): Widths {
  const widths = new Float64Array(column.length)
  const last = ascending.length - 1
  let [before, u] = [Number.NaN, last >= 0 ? column[ascending[0]!]! : 0]
  for (let k = 0; k <= last; k++) {
    const after = k < last ? column[ascending[k + 1]!]! : Number.NaN
    widths[ascending[k]!] = widthOf(before, u, after, narrowest)
    before = u
    u = after
  }
  return widths
}

/** Of a kernel at u between two others; NaN where there is none on that side. */
function widthOf(before: number, u: number, after: number, narrowest: number): number {
  const gap = !Number.isNaN(before)
    ? !Number.isNaN(after)
      ? Math.max(u - before, after - u)
      : u - before
    : !Number.isNaN(after)
      ? after - u
      : Math.max(u, 1 - u)
  return Math.min(1, Math.max(narrowest, share * gap))
}

/** Kernels on an axis in cells. Those in one cell are alike. */
export interface Cells {
  /** The cell of each kernel, `absent` without a value. */
  readonly cells: Int32Array
  readonly absent: number
  /** Cells with kernels. */
  readonly seen: readonly number[]
  /** By cell: how wide its kernels are; of an axis without an order, nothing. */
  readonly widths: Widths
}

export function cellsOf(axis: Axis, column: Float64Array, narrowest: number): Cells {
  const absent = axis.cells
  const counts = new Int32Array(axis.cells + 1)
  const cells = new Int32Array(column.length)
  for (let i = 0; i < column.length; i++) {
    const u = column[i]!
    const cell = Number.isNaN(u) ? absent : axis.cellOf(u)
    cells[i] = cell
    counts[cell]!++
  }
  const seen = [...counts.keys()].filter((cell) => cell !== absent && counts[cell]! > 0)
  const widths = new Float64Array(axis.kind === 'grid' ? axis.cells : 0)
  if (axis.kind === 'grid') {
    const centerOf = (k: number) => (seen[k] === undefined ? Number.NaN : axis.center(seen[k]))
    for (const [k, cell] of seen.entries()) {
      const width = widthOf(centerOf(k - 1), centerOf(k), centerOf(k + 1), narrowest)
      // Where many kernels stand in one cell, the gaps between most of them are none.
      widths[cell] = Math.max(narrowest, width / counts[cell]!)
    }
  }
  return { cells, absent, seen, widths }
}

/** ln of the probability of one cell under each cell's kernels, and under those without a value. */
export function tableOf(axis: Axis, { seen, widths, absent }: Cells, cell: number, kernels: number): Float64Array {
  const table = new Float64Array(axis.cells + 1)
  if (axis.kind === 'list') {
    // With a = 1 / (kernels + 1): (1 + a) / (1 + cells a), and a / (1 + cells a).
    const all = kernels + 1 + axis.cells
    table.fill(-Math.log(all))
    table[cell] = Math.log((kernels + 2) / all)
    table[absent] = -Math.log(axis.cells)
    return table
  }
  const [from, to] = [axis.edge(cell), axis.edge(cell + 1)]
  for (const other of seen) {
    const [center, width] = [axis.center(other), widths[other]!]
    table[other] = logMass(from, to, center, width) - logMass(0, 1, center, width)
  }
  table[absent] = Math.log(to - from)
  return table
}
