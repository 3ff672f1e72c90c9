/** What a study has found, kept in the orders that estimators need, so that a suggestion sorts nothing. */
import { compareRanks, type Rank } from '../rank.ts'

export interface History {
  readonly count: number
  readonly ranks: readonly Rank[]
  /** Trials from the best to the worst; of equals the earlier first. */
  readonly best: readonly number[]
  /** By axis, where each trial stands; longer than `count`. */
  readonly columns: readonly Float64Array[]
  /** By axis, the trials with a value there in its order; longer than `known`. */
  readonly ascending: readonly Int32Array[]
  readonly known: readonly number[]
  add(units: Float64Array, rank: Rank): void
}

export function history(axes: number): History {
  let capacity = 64
  const ranks: Rank[] = []
  const best: number[] = []
  const columns = Array.from({ length: axes }, () => new Float64Array(capacity))
  const ascending = Array.from({ length: axes }, () => new Int32Array(capacity))
  const known: number[] = Array(axes).fill(0)

  return {
    get count() {
      return ranks.length
    },
    ranks,
    best,
    columns,
    ascending,
    known,
    add(units, rank) {
      const id = ranks.length
      if (id === capacity) {
        capacity *= 2
        for (let d = 0; d < axes; d++) {
          columns[d] = grown(columns[d]!, new Float64Array(capacity))
          ascending[d] = grown(ascending[d]!, new Int32Array(capacity))
        }
      }
      ranks.push(rank)
      best.splice(
        placeIn(best.length, (k) => compareRanks(ranks[best[k]!]!, rank) <= 0),
        0,
        id,
      )
      for (let d = 0; d < axes; d++) {
        const [column, order] = [columns[d]!, ascending[d]!]
        const u = units[d] as number
        column[id] = u
        if (Number.isNaN(u)) continue
        const at = placeIn(known[d]!, (k) => (column[order[k] as number] as number) <= u)
        order.copyWithin(at + 1, at, known[d])
        order[at] = id
        known[d]!++
      }
    },
  }
}

/** The first of `count` places that does not come before. */
function placeIn(count: number, isBefore: (place: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function grown<T extends Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
