/** The kernel of regression: what a node's rows are, and the best place to split them by one feature. */
import { absoluteSplits } from './absolute.ts'
import type { TreeBuilder } from './builder.ts'
import { scanCategories } from './categories.ts'
import { narrowColumns } from './columns.ts'
import { drawThreshold, type Kernel, type KernelLimits, noBest, take } from './kernel.ts'
import { clearLists, fewRows, fillLists, gatherRanks, rankLists, sortByRank, suitsLists } from './lists.ts'
import { partition, rowsFor } from './partition.ts'
import { kinds, type Ranked } from './ranks.ts'

export type ValueCriterion = 'squaredError' | 'friedmanMse' | 'absoluteError' | 'poisson'

export interface ValueTarget {
  readonly values: Float64Array
  readonly criterion: ValueCriterion
}

export function valueKernel(ranked: Ranked, { values, criterion }: ValueTarget, { minRows, minWeight }: KernelLimits): Kernel {
  const { rows, flagAt, rankAt, kind, distinct, missing } = ranked
  const { columns, narrow, widen } = narrowColumns(ranked)
  const mostRanks = distinct.reduce((most, count) => Math.max(most, count), 0) + 1
  const lists = rankLists(rows, mostRanks)
  /** A row's tag is its number in the data set: where it is in the columns may change. */
  const held = rowsFor(rows)
  const { rowOf, tagOf: originOf } = held
  const placeOf = Int32Array.from({ length: rows }, (_, place) => place)
  const numberAt = new Float64Array(rows)
  const weightAt = new Float64Array(rows)
  const numberOf = new Float64Array(rows)
  const weightOf = new Float64Array(rows)
  const best = noBest()
  // Sums of numbers near 0 lose less; medians and Poisson's logarithms need the numbers as they are.
  const offset = criterion === 'squaredError' || criterion === 'friedmanMse' ? values.reduce((a, b) => a + b, 0) / rows : 0
  const absolute = criterion === 'absoluteError' ? absoluteSplits(values) : undefined
  let count = 0
  let weight = 0
  let sum = 0
  /** Of the rows that miss the value of the feature at hand. */
  const gone = { rows: 0, weight: 0, sum: 0 }

  const allowed = (moved: number, leftWeight: number) =>
    moved >= minRows && count - moved >= minRows && leftWeight >= minWeight && weight - leftWeight >= minWeight

  const scoreOf = (leftSum: number, leftWeight: number): number => {
    if (absolute) return absolute.score()
    const rightSum = sum - leftSum
    const rightWeight = weight - leftWeight
    if (criterion === 'squaredError') return (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight
    if (criterion === 'friedmanMse') {
      const apart = leftSum / leftWeight - rightSum / rightWeight
      return (apart * apart * leftWeight * rightWeight) / weight
    }
    if (leftSum <= 0 || rightSum <= 0) return Number.NEGATIVE_INFINITY
    return leftSum * Math.log(leftSum / leftWeight) + rightSum * Math.log(rightSum / rightWeight)
  }

  function scanLists(feature: number, from: number, to: number, start: number, goneLeft: boolean, last: number): void {
    const { head, next, bits } = lists
    let leftSum = goneLeft ? gone.sum : 0
    let leftWeight = goneLeft ? gone.weight : 0
    let moved = goneLeft ? gone.rows : 0
    absolute?.begin(start, start + count, originOf, weightOf)
    if (absolute && goneLeft) for (let i = 0; i < count; i++) if (lists.ranks[i] === distinct[feature]) absolute.move(start + i)
    let before = -1
    for (let word = from >> 5; word <= to >> 5; word++) {
      let mask = bits[word] as number
      while (mask !== 0) {
        const rank = (word << 5) | (31 - Math.clz32(mask & -mask))
        mask &= mask - 1
        if (before >= 0 && allowed(moved, leftWeight)) {
          const score = scoreOf(leftSum, leftWeight)
          if (score > best.score) take(best, feature, score, before, rank, goneLeft, gone.rows > 0)
        }
        for (let i = head[rank] as number; i > 0; i = next[i - 1] as number) {
          const at = start + i - 1
          const w = weightOf[at] as number
          leftSum += w * (numberOf[at] as number)
          leftWeight += w
          moved++
          absolute?.move(at)
        }
        before = rank
      }
    }
    if (last >= 0 && before >= 0 && allowed(moved, leftWeight)) {
      const score = scoreOf(leftSum, leftWeight)
      if (score > best.score) take(best, feature, score, before, last, false, true)
    }
  }

  function scanSorted(feature: number, start: number): void {
    const { sorted, order } = lists
    sortByRank(lists, count, placeOf, start)
    absolute?.begin(start, start + count, originOf, weightOf)
    let leftSum = 0
    let leftWeight = 0
    let before = sorted[0] as number
    for (let moved = 0; moved < count; moved++) {
      const at = order[moved] as number
      const rank = sorted[moved] as number
      if (rank !== before) {
        if (allowed(moved, leftWeight)) {
          const score = scoreOf(leftSum, leftWeight)
          if (score > best.score) take(best, feature, score, before, rank, false, false)
        }
        before = rank
      }
      const w = weightOf[at] as number
      leftSum += w * (numberOf[at] as number)
      leftWeight += w
      absolute?.move(at)
    }
  }

  function scanMissing(feature: number, from: number, start: number): void {
    const { ranks: gathered, head, bits } = lists
    const absent = distinct[feature] as number
    gone.rows = gone.weight = gone.sum = 0
    for (let i = 0; i < count; i++) {
      if (gathered[i] !== absent) continue
      gone.rows++
      gone.weight += weightOf[start + i] as number
      gone.sum += (weightOf[start + i] as number) * (numberOf[start + i] as number)
    }
    if (gone.rows < count) {
      fillLists(lists, count)
      head[absent] = 0
      bits[absent >> 5] = (bits[absent >> 5] as number) & ~(1 << (absent & 31))
      scanLists(feature, from, absent - 1, start, false, absent)
      scanLists(feature, from, absent - 1, start, true, -1)
      clearLists(lists, count)
    }
    gone.rows = 0
  }

  /** Sums of the rows of a flag that is 1, or of ranks above one. */
  function searchFlag(feature: number, start: number, end: number): boolean {
    const { flags, stride } = columns
    const column = (flagAt[feature] as number) * stride
    let ones = 0
    let onesSum = 0
    let onesWeight = 0
    absolute?.begin(start, end, originOf, weightOf)
    for (let i = start; i < end; i++) {
      if (flags[column + (rowOf[i] as number)] === 0) continue
      const w = weightOf[i] as number
      onesSum += w * (numberOf[i] as number)
      onesWeight += w
      ones++
      absolute?.move(i)
    }
    if (ones === 0 || ones === count) return false
    if (!allowed(ones, onesWeight)) return true
    // Seen from the other side, the same split.
    const score = scoreOf(onesSum, onesWeight)
    if (score > best.score) take(best, feature, score, 0, 1, false, false)
    return true
  }

  const search = (feature: number, start: number, end: number): boolean => {
    const what = kind[feature]
    if (what === kinds.flag) return searchFlag(feature, start, end)
    if (what === kinds.constant) return false
    gatherRanks(lists, columns.ranks, (rankAt[feature] as number) * columns.stride, rowOf, start, end)
    const from = lists.span[0] as number
    const to = lists.span[1] as number
    if (from === to) return false
    if (what === kinds.category) searchCategories(feature, from, to, start)
    else if (missing[feature] === 1 && to === distinct[feature]) scanMissing(feature, from, start)
    else if (count <= fewRows) scanSorted(feature, start)
    else if (!suitsLists(to - from, count)) scanSorted(feature, start)
    else {
      fillLists(lists, count)
      scanLists(feature, from, to, start, false, -1)
      clearLists(lists, count)
    }
    return true
  }

  function searchCategories(feature: number, from: number, to: number, start: number): void {
    const sums = new Float64Array(to - from + 1)
    const weights = new Float64Array(to - from + 1)
    const counts = new Int32Array(to - from + 1)
    for (let i = 0; i < count; i++) {
      const c = (lists.ranks[i] as number) - from
      const w = weightOf[start + i] as number
      sums[c] = (sums[c] as number) + w * (numberOf[start + i] as number)
      weights[c] = (weights[c] as number) + w
      counts[c] = (counts[c] as number) + 1
    }
    if (absolute) fillLists(lists, count)
    absolute?.begin(start, start + count, originOf, weightOf)
    let leftSum = 0
    let leftWeight = 0
    let moved = 0
    scanCategories({
      ...{ best, feature, from, absent: distinct[feature] as number, counts },
      // By their means; the best split in two of squared errors is among the cuts of this order (Fisher 1958).
      keys: sums.map((total, c) => total / (weights[c] as number)),
      move(c) {
        leftSum += sums[c] as number
        leftWeight += weights[c] as number
        moved += counts[c] as number
        if (absolute) for (let i = lists.head[c + from] as number; i > 0; i = lists.next[i - 1] as number) absolute.move(start + i - 1)
      },
      score: () => (allowed(moved, leftWeight) ? scoreOf(leftSum, leftWeight) : Number.NEGATIVE_INFINITY),
    })
    if (absolute) clearLists(lists, count)
  }

  const measure = (start: number, end: number): { weight: number; impurity: number; value: number; alike: boolean } => {
    let w = 0
    let s = 0
    let alike = true
    for (let i = start; i < end; i++) {
      w += weightOf[i] as number
      s += (weightOf[i] as number) * (numberOf[i] as number)
      if (alike && numberOf[i] !== numberOf[start]) alike = false
    }
    // As it was given, not as it is after the offset went out and in again.
    if (alike) return { weight: w, impurity: 0, value: values[originOf[start] as number] as number, alike }
    if (absolute) {
      absolute.begin(start, end, originOf, weightOf)
      return { weight: w, impurity: absolute.total() / w, value: absolute.median(), alike }
    }
    const mean = s / w
    let apart = 0
    for (let i = start; i < end; i++) {
      const y = numberOf[i] as number
      if (criterion !== 'poisson') apart += (weightOf[i] as number) * (y - mean) * (y - mean)
      else if (y > 0) apart += (weightOf[i] as number) * y * Math.log(y / mean)
    }
    return { weight: w, impurity: apart / w, value: mean + offset, alike }
  }

  return {
    best,
    width: 1,
    load(times, weights) {
      let n = 0
      for (let row = 0; row < rows; row++) {
        const w = (times === undefined ? 1 : (times[row] as number)) * (weights === undefined ? 1 : (weights[row] as number))
        if (w === 0) continue
        rowOf[n] = row
        originOf[n] = row
        numberAt[row] = (values[row] as number) - offset
        weightAt[row] = w
        numberOf[n] = numberAt[row] as number
        weightOf[n++] = w
      }
      return n
    },
    enter(start, end, builder: TreeBuilder, node) {
      const found = measure(start, end)
      count = end - start
      weight = found.weight
      sum = 0
      for (let i = start; i < end; i++) sum += (weightOf[i] as number) * (numberOf[i] as number)
      builder.value[node] = found.value
      builder.weight[node] = found.weight
      builder.impurity[node] = found.impurity
      best.score = Number.NEGATIVE_INFINITY
      best.feature = -1
      return found.alike || found.impurity <= 0
    },
    search,
    searchAt(feature, start, end, bits) {
      const what = kind[feature]
      if (what === kinds.flag || what === kinds.category || what === kinds.constant) return search(feature, start, end)
      gatherRanks(lists, columns.ranks, (rankAt[feature] as number) * columns.stride, rowOf, start, end)
      const absent = distinct[feature] as number
      if (lists.span[0] === lists.span[1]) return false
      const cut = drawThreshold(ranked, lists, feature, count, bits)
      for (const goneLeft of lists.span[1] === absent ? [false, true] : [false]) {
        absolute?.begin(start, end, originOf, weightOf)
        let leftSum = 0
        let leftWeight = 0
        let moved = 0
        for (let i = 0; i < count; i++) {
          const rank = lists.ranks[i] as number
          if (rank === absent ? !goneLeft : rank > cut.rank) continue
          const w = weightOf[start + i] as number
          leftSum += w * (numberOf[start + i] as number)
          leftWeight += w
          moved++
          absolute?.move(start + i)
        }
        if (moved === 0 || moved === count || !allowed(moved, leftWeight)) continue
        const score = scoreOf(leftSum, leftWeight)
        if (score > best.score) take(best, feature, score, cut.rank, cut.nextRank, goneLeft, lists.span[1] === absent, cut.threshold)
      }
      return true
    },
    perfect: () => false,
    narrow: (start, end, isConstant) => narrow(rowOf, start, end, isConstant),
    widen,
    split(start, end) {
      const middle = partition(ranked, columns, best, held, start, end)
      for (let i = start; i < end; i++) {
        const row = originOf[i] as number
        numberOf[i] = numberAt[row] as number
        weightOf[i] = weightAt[row] as number
      }
      return middle
    },
  } satisfies Kernel
}
