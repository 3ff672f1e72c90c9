/** Splitting categories in two: they are put in an order, and the order is cut where that is best. */
import type { Best } from './kernel.ts'

export interface CategoryScan {
  readonly best: Best
  readonly feature: number
  /** Category of place 0. */
  readonly from: number
  /** Code of what is missing: one category more, which `missingLeft` speaks for. */
  readonly absent: number
  /** Rows of each category of the node. */
  readonly counts: Int32Array
  /** What they are ordered by. */
  readonly keys: Float64Array
  /** Moves a category to the left. */
  move(place: number): void
  /** How good the split is as it stands; -Infinity where it is not allowed. */
  score(): number
}

export function scanCategories({ best, feature, from, absent, counts, keys, move, score }: CategoryScan): void {
  const present = Array.from(counts.keys()).filter((place) => (counts[place] as number) > 0)
  present.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b)
  let cut = 0
  for (let moved = 1; moved < present.length; moved++) {
    move(present[moved - 1] as number)
    const reached = score()
    if (reached <= best.score) continue
    best.score = reached
    best.feature = feature
    cut = moved
  }
  if (cut === 0) return
  const set = new Uint32Array((absent + 31) >> 5)
  const unseen = new Uint32Array(set.length).fill(0xffffffff)
  best.missingLeft = false
  best.missingSeen = false
  for (let k = 0; k < present.length; k++) {
    const category = from + (present[k] as number)
    if (category === absent) {
      best.missingSeen = true
      best.missingLeft = k < cut
      continue
    }
    const bit = 1 << (category & 31)
    unseen[category >> 5] = (unseen[category >> 5] as number) & ~bit
    if (k < cut) set[category >> 5] = (set[category >> 5] as number) | bit
  }
  best.set = set
  best.unseen = unseen
  best.rank = 0
  best.nextRank = 0
}

/**
 * An order of categories for more than two classes: the place of each category's class shares along their first principal axis
 * (D. Coppersmith, S. Hong, J. Hosking: Partitioning Nominal Attributes in Decision Trees, 1999). Of two classes this is the
 * order by the share of one of them, which holds the best cut.
 *
 * @param table [categories, classes] weights
 */
export function principalOrder(table: Float64Array, classes: number): Float64Array {
  const categories = table.length / classes
  const weights = new Float64Array(categories)
  const mean = new Float64Array(classes)
  let all = 0
  for (let c = 0; c < categories; c++)
    for (let k = 0; k < classes; k++) {
      const w = table[c * classes + k] as number
      weights[c] = (weights[c] as number) + w
      mean[k] = (mean[k] as number) + w
      all += w
    }
  const off = (c: number, k: number) =>
    weights[c] === 0 ? 0 : (table[c * classes + k] as number) / (weights[c] as number) - (mean[k] as number) / all
  // Power iteration from a fixed start; the axis need not be exact, the cuts along it are all tried.
  let axis = Float64Array.from({ length: classes }, (_, k) => 1 + k / classes)
  for (let round = 0; round < 30; round++) {
    const next = new Float64Array(classes)
    for (let c = 0; c < categories; c++) {
      let along = 0
      for (let k = 0; k < classes; k++) along += off(c, k) * (axis[k] as number)
      along *= weights[c] as number
      for (let k = 0; k < classes; k++) next[k] = (next[k] as number) + along * off(c, k)
    }
    const length = Math.hypot(...next)
    if (length === 0) break
    axis = next.map((value) => value / length)
  }
  return Float64Array.from({ length: categories }, (_, c) => {
    let along = 0
    for (let k = 0; k < classes; k++) along += off(c, k) * (axis[k] as number)
    return along
  })
}
