/** Splits that the leading thread finds by itself, without kernels: by categories, and all where some feature is monotonic. */

import { fixed } from './kernel/places.ts'
import type { Bench, Column } from './workbench.ts'

/** A split, found but not made yet. */
export interface Cut {
  readonly feature: number
  /** Which column. */
  readonly record: number
  /** The last bin that goes left; of no meaning where there is `lefts`. */
  readonly bin: number
  readonly missingLeft: boolean
  /** 1 for each bin that goes left, of a split by categories. */
  readonly lefts: Uint8Array | undefined
  /** Sums of the left part as they lie in memory. */
  readonly sums: Int32Array
  readonly gain: number
}

/** Lowest and highest value of a leaf that monotonic features leave. */
export type Bounds = readonly [number, number]

export interface Led {
  /** The best split of a node by the features that are not for kernels, where it is better than `score` (or as good, by a lower feature). */
  best(slot: number, node: Sums, active: Uint8Array, score: number, feature: number): { cut: Cut; score: number } | undefined
  /** For each bin of the bundle, 4 where its rows go left, else 0. */
  table(cut: Cut, table: Uint8Array): void
}

export interface Sums {
  readonly id: number
  readonly sumG: number
  readonly sumH: number
  readonly count: number
  readonly bounds: Bounds
}

/** Bins as numbers: gradients, hessians, rows. */
interface Run {
  readonly g: Float64Array
  readonly h: Float64Array
  readonly n: Int32Array
}

const leastHessian = 1e-3
/** Categories with fewer rows than this are not told apart; and what smooths their order. Both as scikit-learn has them. */
const leastSupport = 10

export function ledOf(bench: Bench, { minRows, l2, monotonic }: { minRows: number; l2: number; monotonic: Int8Array | undefined }): Led {
  const { plan, team, columns } = bench
  const { kernel, i32, f64 } = team.work
  const high = (i32[fixed.shift >> 2] as number) - 32
  const own = [...columns.keys()].filter((record) => monotonic || (columns[record] as Column).categorical)
  const run: Run = { g: new Float64Array(257), h: new Float64Array(257), n: new Int32Array(257) }

  function read(at: number, bins: number): void {
    const unitG = f64[fixed.gradientUnit >> 3] as number
    const unitH = f64[fixed.hessianUnit >> 3] as number
    for (let k = 0, p = at >> 2; k < bins; k++, p += 4) {
      const top = i32[p + 3] as number
      run.g[k] = ((i32[p + 1] as number) * 4294967296 + ((i32[p] as number) >>> 0)) * unitG
      run.h[k] = ((top & ((1 << high) - 1)) * 4294967296 + ((i32[p + 2] as number) >>> 0)) * unitH
      run.n[k] = top >>> high
    }
  }

  /** What a split is worth; undefined where it may not be. */
  function worth(node: Sums, g: number, h: number, n: number, direction: number): number | undefined {
    const rightH = node.sumH - h
    const least = Math.max(leastHessian, (node.sumH * (minRows - 0.5)) / node.count)
    if (n < minRows || node.count - n < minRows || h < least || rightH < least) return undefined
    const rightG = node.sumG - g
    if (!monotonic) return (g * g * (rightH + l2) + rightG * rightG * (h + l2)) / ((h + l2) * (rightH + l2))
    const [low, most] = node.bounds
    const left = Math.min(Math.max(-g / (h + l2), low), most)
    const right = Math.min(Math.max(-rightG / (rightH + l2), low), most)
    if ((direction > 0 && left > right) || (direction < 0 && left < right)) return undefined
    return -(g * left + rightG * right)
  }

  return {
    best(slot, node, active, score, feature) {
      let best: { cut: Omit<Cut, 'sums' | 'gain'>; score: number } | undefined
      for (const record of own) {
        const column = columns[record] as Column
        if (!active[column.feature]) continue
        const { count, missing } = column.bins
        read(kernel.run(slot, plan.records + record * 32, plan.nodes + node.id * 16, plan.scratch), count)
        const take = (found: number | undefined, cut: () => Omit<Cut, 'sums' | 'gain' | 'feature' | 'record'>) => {
          const most = best?.score ?? score
          const least = best?.cut.feature ?? feature
          if (found === undefined || found < most || (found === most && (least < 0 || column.feature >= least))) return
          best = { score: found, cut: { feature: column.feature, record, ...cut() } }
        }
        if (column.categorical) byCategory(run, count, missing, node, worth, take)
        else byQuantity(run, count, missing, node, monotonic?.[column.feature] ?? 0, worth, take)
      }
      return best && { score: best.score, cut: { ...best.cut, sums: sumsOf(slot, node.id, best.cut), gain: 0 } }
    },
    table(cut, table) {
      const { bundle, first, shared, bins } = columns[cut.record] as Column
      const left = (bin: number) => goesLeft(cut, bin, bins.missing)
      if (shared < 0) for (let bin = 0; bin < bins.count; bin++) table[bin] = left(bin) ? 4 : 0
      else {
        table.fill(left(shared) ? 4 : 0, 0, bench.bundles[bundle]?.bins)
        for (let bin = 0; bin < bins.count; bin++) if (bin !== shared) table[first + (bin < shared ? bin : bin - 1)] = left(bin) ? 4 : 0
      }
    },
  }

  /** The left part's sums, exactly, as they lie in memory. */
  function sumsOf(slot: number, node: number, cut: Omit<Cut, 'sums' | 'gain'>): Int32Array {
    const { bins } = columns[cut.record] as Column
    const at = kernel.run(slot, plan.records + cut.record * 32, plan.nodes + node * 16, plan.scratch)
    const out = plan.scratch + 4096
    kernel.fill(out, 16)
    for (let bin = 0; bin < bins.count; bin++) if (goesLeft(cut, bin, bins.missing)) kernel.add(out, at + bin * 16, 16)
    return i32.slice(out >> 2, (out >> 2) + 4)
  }
}

function goesLeft({ lefts, bin: last, missingLeft }: Pick<Cut, 'lefts' | 'bin' | 'missingLeft'>, bin: number, missing: number): boolean {
  if (bin === missing) return missingLeft
  return lefts ? lefts[bin] === 1 : bin <= last
}

type Worth = (node: Sums, g: number, h: number, n: number, direction: number) => number | undefined
type Take = (found: number | undefined, cut: () => Omit<Cut, 'sums' | 'gain' | 'feature' | 'record'>) => void

function byQuantity(run: Run, count: number, missing: number, node: Sums, direction: number, worth: Worth, take: Take): void {
  const bins = missing < 0 ? count : missing
  for (const missingLeft of missing < 0 ? [false] : [false, true]) {
    let [g, h, n] = missingLeft ? [run.g[missing] as number, run.h[missing] as number, run.n[missing] as number] : [0, 0, 0]
    const end = missing >= 0 && !missingLeft ? bins : bins - 1
    for (let bin = 0; bin < end; bin++) {
      if (run.n[bin] === 0) continue
      g += run.g[bin] as number
      h += run.h[bin] as number
      n += run.n[bin] as number
      take(worth(node, g, h, n, direction), () => ({ bin, missingLeft, lefts: undefined }))
    }
  }
}

/** Categories in the order of their gradients: of all ways to part them, the best is a cut of that order (Fisher 1958). */
function byCategory(run: Run, count: number, missing: number, node: Sums, worth: Worth, take: Take): void {
  const support = node.count / node.sumH
  const used: number[] = []
  for (let bin = 0; bin < count; bin++) if ((run.h[bin] as number) * support >= leastSupport) used.push(bin)
  if (used.length < 2) return
  const key = (bin: number) => (run.g[bin] as number) / ((run.h[bin] as number) + leastSupport)
  used.sort((a, b) => key(a) - key(b) || a - b)
  const middle = (used.length + 1) >> 1
  for (const order of [used, used.toReversed()]) {
    let [g, h, n] = [0, 0, 0]
    for (let k = 0; k < middle; k++) {
      const bin = order[k] as number
      g += run.g[bin] as number
      h += run.h[bin] as number
      n += run.n[bin] as number
      take(worth(node, g, h, n, 0), () => {
        const lefts = new Uint8Array(count)
        for (const left of order.slice(0, k + 1)) lefts[left] = 1
        return { bin: -1, missingLeft: missing >= 0 && lefts[missing] === 1, lefts }
      })
    }
  }
}
