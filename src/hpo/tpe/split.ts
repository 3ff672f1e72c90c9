/** A study's trials as two sets of kernels: the good and the bad. */
import { compareRanks, type Rank } from '../rank.ts'
import type { Kernels } from './density.ts'
import type { History } from './history.ts'

/** A trial that has not ended. Without a rank nothing is known of it yet. */
export interface Open {
  readonly units: Float64Array
  readonly rank: Rank | undefined
}

/** More good trials than this make the search no better, and slower to converge. */
const mostGood = 25
/** What the uniform kernel weighs; any other weighs 1 in the mean. */
const prior = 1.5

/**
 * The best share of what has a loss is good; all others are bad, also what failed, and what is still pending, so that the next
 * suggestion keeps away from it (the constant liar). Undefined as long as nothing has a loss.
 */
export function split(history: History, open: readonly Open[], share: number): { good: Kernels; bad: Kernels } | undefined {
  const { count } = history
  const axes = history.columns.length
  const rankAt = (id: number) => (id < count ? history.ranks[id] : open[id - count]!.rank)
  const unitAt = (id: number, d: number) => (id < count ? history.columns[d]![id] : open[id - count]!.units[d]) as number

  const paused = open.flatMap(({ rank }, i) => (rank === undefined ? [] : [count + i]))
  const failed = history.best.findIndex((id) => history.ranks[id]!.group === 'failed')
  const ranked = (failed < 0 ? count : failed) + paused.length
  if (ranked === 0) return undefined
  const size = Math.min(mostGood, Math.ceil(share * ranked))
  const top = [...history.best.slice(0, Math.min(size, ranked - paused.length)), ...paused]
  if (paused.length > 0) top.sort((a, b) => compareRanks(rankAt(a)!, rankAt(b)!) || a - b)
  const good = Int32Array.from(top.slice(0, size))

  const total = count + open.length
  const slots = new Int32Array(total)
  for (const id of good) slots[id] = -1
  const bad = new Int32Array(total - good.length)
  for (let id = 0, next = 0; id < total; id++) {
    if (slots[id] === -1) continue
    slots[id] = next
    bad[next++] = id
  }
  return { good: goodKernels(), bad: badKernels() }

  function goodKernels(): Kernels {
    const columns = Array.from({ length: axes }, (_, d) => Float64Array.from(good, (id) => unitAt(id, d)))
    const n = good.length
    // Better ones weigh more, as in an evolution strategy's recombination.
    const weights = Float64Array.from(good, (_, k) => Math.log((n + 1) / (k + 1)))
    const sum = weights.reduce((all, weight) => all + weight, 0)
    return {
      count: n,
      columns,
      ascending: columns.map((column) => sorted(column)),
      weights: weights.map((weight) => (weight * n) / sum),
      prior,
      // So few kernels must be able to close in on a point faster than their number grows.
      narrowest: (2 + n) ** -1.5,
    }
  }

  function badKernels(): Kernels {
    const n = bad.length
    const columns = Array.from({ length: axes }, (_, d) => {
      const column = new Float64Array(n)
      const from = history.columns[d]!
      for (let i = 0; i < n; i++) {
        const id = bad[i] as number
        column[i] = id < count ? (from[id] as number) : unitAt(id, d)
      }
      return column
    })
    return {
      count: n,
      columns,
      ascending: columns.map((column, d) => merged(history.ascending[d]!.subarray(0, history.known[d]), column)),
      weights: new Float64Array(n).fill(1),
      prior,
      narrowest: 1 / Math.min(100, 2 + n),
    }
  }

  /** The slots of bad trials in an axis' order: the ended ones stand in it already. */
  function merged(order: Int32Array, column: Float64Array): Int32Array {
    const later: number[] = []
    for (let id = count; id < total; id++) if (slots[id]! >= 0 && !Number.isNaN(column[slots[id]!])) later.push(slots[id]!)
    later.sort((a, b) => column[a]! - column[b]!)
    const all = new Int32Array(order.length + later.length)
    let [length, next] = [0, 0]
    for (let k = 0; k < order.length; k++) {
      const slot = slots[order[k] as number] as number
      if (slot < 0) continue
      while (next < later.length && (column[later[next]!] as number) < (column[slot] as number)) all[length++] = later[next++]!
      all[length++] = slot
    }
    while (next < later.length) all[length++] = later[next++]!
    return all.subarray(0, length)
  }
}

/** Places of numbers from the smallest to the largest, without those that are NaN. */
function sorted(column: Float64Array): Int32Array {
  const places = [...column.keys()].filter((i) => !Number.isNaN(column[i]))
  return Int32Array.from(places.sort((a, b) => (column[a] as number) - (column[b] as number)))
}
