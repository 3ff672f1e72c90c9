/** Multivariate Parzen estimators: mixtures with one kernel for each trial, and one that is uniform. */
import type { Random } from '../../core/random.ts'
import type { Axis } from '../axes.ts'
import { type Cells, cellsOf, tableOf, type Widths, widthsOf } from './kernels.ts'
import { logScale, quantile } from './truncated.ts'

/**
 * Trials as kernels. Where a trial has no value on an axis (its dimension did not count), its kernel is uniform there: it says
 * nothing about it.
 */
export interface Kernels {
  readonly count: number
  /** By axis and kernel; NaN without a value. */
  readonly columns: readonly Float64Array[]
  /** By axis: the kernels that have a value there, in its order. */
  readonly ascending: readonly Int32Array[]
  /** Of each kernel, and of the uniform one. Only their ratios count. */
  readonly weights: Float64Array
  readonly prior: number
  /** Kernels are no narrower than this. */
  readonly narrowest: number
}

export interface Density {
  /** A draw, all axes of it; also where its dimension will not count. */
  sample(chance: Random): Float64Array
  /** ln of the density at a point (on axes in cells: of the cell's probability); where the point has NaN, of the other axes alone. */
  log(point: Float64Array): number
}

/** What is smaller than the sum by e^-40 changes no digit of it, however many there are. */
const negligible = 40

/**
 * Each kernel is a product over axes. Continuous: a normal cut to the interval. In ordered cells: such a normal's probability of
 * each cell. Without an order: (1 + a) on the trial's value and a on each other, scaled to 1, with a = 1 / (kernels + 1)
 * (J. Aitchison and C. Aitken, 1976).
 */
export function density(axes: readonly Axis[], kernels: Kernels): Density {
  const { count, columns, weights, prior } = kernels
  const total = weights.reduce((sum, weight) => sum + weight, prior)
  const logPrior = Math.log(prior / total)
  const reals = [...axes.keys()].filter((d) => axes[d]!.kind === 'real')
  const others = [...axes.keys()].filter((d) => axes[d]!.kind !== 'real')
  const widths = reals.map((d) => widthsOf(columns[d]!, kernels.ascending[d]!, kernels.narrowest))
  const shapes = reals.map((d, r) => shape(columns[d]!, widths[r]!))
  const inCells = others.map((d) => cellsOf(axes[d]!, columns[d]!, kernels.narrowest))

  // One kernel's numbers stand together: most kernels are left after one or two axes, for they are far away.
  const centers = interleaved(shapes.map((one) => one.centers))
  const inverses = interleaved(shapes.map((one) => one.inverses))
  const cells = interleaved(inCells.map((one) => one.cells))
  const heights = new Map<string, Float64Array>()
  const tables = inCells.map(() => new Map<number, Float64Array>())

  return {
    sample(chance) {
      const kernel = pick(weights, chance.uniform() * total)
      const point = new Float64Array(axes.length)
      for (const [r, d] of reals.entries()) point[d] = sampleReal(columns[d]!, widths[r]!, kernel, chance.uniform())
      for (const [c, d] of others.entries()) point[d] = sampleCells(axes[d]!, inCells[c]!, kernel, count, chance.uniform())
      return point
    },

    log(point) {
      const on = reals.flatMap((d, r) => (Number.isNaN(point[d]) ? [] : [r]))
      const at = Float64Array.from(on, (r) => point[reals[r]!]!)
      const onCells = others.flatMap((d, c) => (Number.isNaN(point[d]) ? [] : [c]))
      const probabilities = onCells.map((c) => cached(tables[c]!, axes[others[c]!]!.cellOf(point[others[c]!]!), tableFor(c)))
      const uniform = onCells.reduce((sum, c, k) => sum + probabilities[k]![inCells[c]!.absent]!, logPrior)
      const height = cached(heights, on.join(), () => heightsOf(on))

      let [most, sum] = [uniform, 1]
      next: for (let i = 0; i < count; i++) {
        let log = height[i] as number
        for (let k = 0, from = i * reals.length; k < on.length; k++) {
          const z = ((at[k] as number) - (centers[from + (on[k] as number)] as number)) * (inverses[from + (on[k] as number)] as number)
          log -= z * z
          if (log < most - negligible) continue next
        }
        for (let k = 0, from = i * others.length; k < onCells.length; k++) {
          log += (probabilities[k] as Float64Array)[cells[from + (onCells[k] as number)] as number] as number
        }
        if (log <= most) sum += Math.exp(log - most)
        else [most, sum] = [log, sum * Math.exp(most - log) + 1]
      }
      return most + Math.log(sum)
    },
  }

  /** ln of what each kernel has at its center on the continuous axes that count: no point has more of it. */
  function heightsOf(on: readonly number[]): Float64Array {
    const logs = new Float64Array(count)
    for (let i = 0; i < count; i++) logs[i] = Math.log(weights[i]! / total)
    for (const r of on) {
      const { scales } = shapes[r]!
      for (let i = 0; i < count; i++) logs[i] = logs[i]! + scales[i]!
    }
    return logs
  }

  function tableFor(c: number): (cell: number) => Float64Array {
    return (cell) => tableOf(axes[others[c]!]!, inCells[c]!, cell, count)
  }
}

/** A kernel's numbers on a continuous axis: without a value all are 0, and its density is e^0. */
function shape(column: Float64Array, widths: Widths) {
  const [centers, inverses, scales] = [new Float64Array(column.length), new Float64Array(column.length), new Float64Array(column.length)]
  for (let i = 0; i < column.length; i++) {
    const u = column[i]!
    if (Number.isNaN(u)) continue
    const width = widths[i]!
    centers[i] = u
    inverses[i] = Math.SQRT1_2 / width
    scales[i] = logScale(u, width)
  }
  return { centers, inverses, scales }
}

function sampleReal(column: Float64Array, widths: Widths, kernel: number, p: number): number {
  return kernel < 0 || Number.isNaN(column[kernel]) ? p : quantile(p, column[kernel]!, widths[kernel]!)
}

function sampleCells(axis: Axis, { cells, widths, absent }: Cells, kernel: number, count: number, p: number): number {
  const cell = kernel < 0 ? absent : cells[kernel]!
  if (cell === absent) return p
  if (axis.kind === 'grid') return quantile(p, axis.center(cell), widths[cell]!)
  // In units of a: the trial's own value has 1 / a more than the others.
  const at = p * (count + 1 + axis.cells) - (count + 1)
  return axis.center(at < 0 ? cell : Math.min(axis.cells - 1, Math.floor(at)))
}

/** The kernel that a number from 0 to the total falls on; -1, the uniform one, comes last. */
function pick(weights: Float64Array, at: number): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i] as number
    if (at < sum) return i
  }
  return -1
}

/** Columns as rows one after the other. */
function interleaved<T extends Float64Array | Int32Array>(columns: readonly T[]): T {
  const [first] = columns
  if (first === undefined) return new Float64Array(0) as T
  const rows = new (first.constructor as new (length: number) => T)(first.length * columns.length)
  for (const [d, column] of columns.entries()) for (let i = 0, at = d; i < column.length; i++, at += columns.length) rows[at] = column[i]!
  return rows
}

function cached<K, V>(map: Map<K, V>, key: K, make: (key: K) => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make(key)))
  return value
}
