/**
 * The kernel of classification: what a node's rows are, and the best place to split them by one feature, under Gini's index or
 * the entropy. With whole weights, all sums are whole numbers and therefore exact in any order.
 */
import { fail } from '../../core/errors.ts'
import { principalOrder, scanCategories } from './categories.ts'
import { coarse, coarseRoom, coarseSearch } from './coarse.ts'
import { narrowColumns } from './columns.ts'
import { drawThreshold, type Kernel, type KernelLimits, noBest, take } from './kernel.ts'
import { clearLists, fewRows, fillLists, gatherRanks, rankLists, sortByRank, suitsLists } from './lists.ts'
import { partition, rowsFor } from './partition.ts'
import { kinds, type Ranked } from './ranks.ts'

export interface ClassTarget {
  readonly labels: Int32Array
  readonly classes: number
  readonly entropy: boolean
}

/** A histogram is used where its cells are at most so many times the rows. */
const cellsARow = 2

export function classKernel(ranked: Ranked, { labels, classes, entropy }: ClassTarget, limits: KernelLimits): Kernel {
  const { rows, flagAt, rankAt, kind, distinct, missing } = ranked
  const { columns, narrow, widen } = narrowColumns(ranked)
  const mostRanks = distinct.reduce((most, count) => Math.max(most, count), 0) + 1
  const lists = rankLists(rows, mostRanks)
  /** A row's tag is its label, and above `labelBits` the place of its weight in `weightAt`. */
  const held = rowsFor(rows)
  const { rowOf, tagOf } = held
  const labelBits = 32 - Math.clz32(classes - 1)
  const labelMask = (1 << labelBits) - 1
  let weightAt = new Float64Array(0)
  const histogram = new Float64Array(Math.min(mostRanks * classes, cellsARow * rows + classes))
  const total = new Float64Array(classes)
  const left = new Float64Array(classes)
  const gone = new Float64Array(classes)
  const best = noBest()
  let count = 0
  let weight = 0
  let squares = 0
  let whole = true
  const { minRows, minWeight } = limits
  const coarsely = !entropy && classes <= coarse.classes && minRows <= 1 && minWeight === 0
  const room = coarseRoom(coarsely ? rows : 0, classes)

  /** Counts the classes of the lists of ranks up to `to` by moving them to the left one rank after another. */
  function scanLists(feature: number, from: number, to: number, start: number, goneLeft: boolean, last: number): void {
    const { head, next, bits } = lists
    let leftSquares = 0
    let product = 0
    let leftWeight = 0
    let moved = 0
    left.fill(0)
    if (goneLeft) {
      for (let k = 0; k < classes; k++) {
        const w = gone[k] as number
        left[k] = w
        leftWeight += w
        leftSquares += w * w
        product += w * (total[k] as number)
      }
      moved = goneRows
    }
    let before = -1
    for (let word = from >> 5; word <= to >> 5; word++) {
      let mask = bits[word] as number
      while (mask !== 0) {
        const rank = (word << 5) | (31 - Math.clz32(mask & -mask))
        mask &= mask - 1
        if (before >= 0 && moved >= minRows && count - moved >= minRows && leftWeight >= minWeight && weight - leftWeight >= minWeight) {
          const score = entropy ? entropyOf(leftWeight) : gini(leftSquares, product, leftWeight, squares, weight)
          if (score > best.score) take(best, feature, score, before, rank, goneLeft, goneRows > 0)
        }
        for (let i = head[rank] as number; i > 0; i = next[i - 1] as number) {
          const at = start + i - 1
          const tag = tagOf[at] as number
          const w = weightAt[tag >>> labelBits] as number
          const k = tag & labelMask
          const l = left[k] as number
          leftSquares += w * (2 * l + w)
          product += w * (total[k] as number)
          left[k] = l + w
          leftWeight += w
          moved++
        }
        before = rank
      }
    }
    // All that is present against what is missing.
    if (
      last >= 0 &&
      before >= 0 &&
      moved >= minRows &&
      count - moved >= minRows &&
      leftWeight >= minWeight &&
      weight - leftWeight >= minWeight
    ) {
      const score = entropy ? entropyOf(leftWeight) : gini(leftSquares, product, leftWeight, squares, weight)
      if (score > best.score) take(best, feature, score, before, last, false, true)
    }
  }

  const entropyOf = (leftWeight: number) => entropyScore(left, total, classes, leftWeight, weight)

  function scanSorted(feature: number, start: number): void {
    const { sorted, order } = lists
    sortByRank(lists, count, tagOf, start)
    let leftSquares = 0
    let product = 0
    let leftWeight = 0
    left.fill(0)
    let before = sorted[0] as number
    for (let moved = 0; moved < count; moved++) {
      const rank = sorted[moved] as number
      if (rank !== before) {
        if (moved >= minRows && count - moved >= minRows && leftWeight >= minWeight && weight - leftWeight >= minWeight) {
          const score = entropy ? entropyOf(leftWeight) : gini(leftSquares, product, leftWeight, squares, weight)
          if (score > best.score) take(best, feature, score, before, rank, false, false)
        }
        before = rank
      }
      const tag = order[moved] as number
      const w = weightAt[tag >>> labelBits] as number
      const k = tag & labelMask
      const l = left[k] as number
      leftSquares += w * (2 * l + w)
      product += w * (total[k] as number)
      left[k] = l + w
      leftWeight += w
    }
  }

  function scanHistogram(feature: number, from: number, to: number, start: number): void {
    const { ranks: gathered } = lists
    const cells = (to - from + 1) * classes
    for (let i = 0; i < count; i++) {
      const tag = tagOf[start + i] as number
      const cell = ((gathered[i] as number) - from) * classes + (tag & labelMask)
      histogram[cell] = (histogram[cell] as number) + (weightAt[tag >>> labelBits] as number)
    }
    let leftSquares = 0
    let product = 0
    let leftWeight = 0
    left.fill(0)
    let before = -1
    for (let cell = 0, rank = from; cell < cells; rank++) {
      const weightBefore = leftWeight
      const squaresBefore = leftSquares
      const productBefore = product
      if (entropy && before >= 0) {
        let any = false
        for (let k = 0; k < classes; k++) any ||= (histogram[cell + k] as number) !== 0
        if (any && leftWeight >= minWeight && weight - leftWeight >= minWeight) {
          const score = entropyOf(leftWeight)
          if (score > best.score) take(best, feature, score, before, rank, false, false)
        }
      }
      for (let k = 0; k < classes; k++, cell++) {
        const w = histogram[cell] as number
        if (w === 0) continue
        histogram[cell] = 0
        const l = left[k] as number
        leftSquares += w * (2 * l + w)
        product += w * (total[k] as number)
        left[k] = l + w
        leftWeight += w
      }
      if (leftWeight === weightBefore) continue
      if (!entropy && before >= 0 && weightBefore >= minWeight && weight - weightBefore >= minWeight) {
        const score = gini(squaresBefore, productBefore, weightBefore, squares, weight)
        if (score > best.score) take(best, feature, score, before, rank, false, false)
      }
      before = rank
    }
  }

  /** Rows that miss the value of the feature at hand. */
  let goneRows = 0

  function scanMissing(feature: number, from: number, start: number): void {
    const { ranks: gathered, head, bits } = lists
    const absent = distinct[feature] as number
    gone.fill(0)
    goneRows = 0
    for (let i = 0; i < count; i++) {
      if (gathered[i] !== absent) continue
      const tag = tagOf[start + i] as number
      gone[tag & labelMask] = (gone[tag & labelMask] as number) + (weightAt[tag >>> labelBits] as number)
      goneRows++
    }
    if (goneRows < count) {
      fillLists(lists, count)
      head[absent] = 0
      bits[absent >> 5] = (bits[absent >> 5] as number) & ~(1 << (absent & 31))
      scanLists(feature, from, absent - 1, start, false, absent)
      scanLists(feature, from, absent - 1, start, true, -1)
      clearLists(lists, count)
    }
    goneRows = 0
  }

  /** How good the split is that sends `left` to the left; -Infinity where a child would be too small. */
  function scoreLeft(moved: number): number {
    let leftWeight = 0
    let leftSquares = 0
    let product = 0
    for (let k = 0; k < classes; k++) {
      const w = left[k] as number
      leftWeight += w
      leftSquares += w * w
      product += w * (total[k] as number)
    }
    if (moved < minRows || count - moved < minRows || leftWeight < minWeight || weight - leftWeight < minWeight)
      return Number.NEGATIVE_INFINITY
    return entropy ? entropyOf(leftWeight) : gini(leftSquares, product, leftWeight, squares, weight)
  }

  function searchCategories(feature: number, from: number, to: number, start: number): void {
    const table = new Float64Array((to - from + 1) * classes)
    const counts = new Int32Array(to - from + 1)
    for (let i = 0; i < count; i++) {
      const place = (lists.ranks[i] as number) - from
      const tag = tagOf[start + i] as number
      const cell = place * classes + (tag & labelMask)
      table[cell] = (table[cell] as number) + (weightAt[tag >>> labelBits] as number)
      counts[place] = (counts[place] as number) + 1
    }
    left.fill(0)
    let moved = 0
    scanCategories({
      ...{ best, feature, from, absent: distinct[feature] as number, counts },
      keys: principalOrder(table, classes),
      move(place) {
        for (let k = 0; k < classes; k++) left[k] = (left[k] as number) + (table[place * classes + k] as number)
        moved += counts[place] as number
      },
      score: () => scoreLeft(moved),
    })
  }

  function searchFlag(feature: number, start: number, end: number): boolean {
    const { flags, stride } = columns
    const column = (flagAt[feature] as number) * stride
    left.fill(0)
    let ones = 0
    for (let i = start; i < end; i++) {
      if (flags[column + (rowOf[i] as number)] === 0) continue
      const tag = tagOf[i] as number
      const k = tag & labelMask
      left[k] = (left[k] as number) + (weightAt[tag >>> labelBits] as number)
      ones++
    }
    if (ones === 0 || ones === count) return false
    // Seen from the other side, the same split.
    const score = scoreLeft(ones)
    if (score > best.score) take(best, feature, score, 0, 1, false, false)
    return true
  }

  function search(feature: number, start: number, end: number): boolean {
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
    else if (minRows <= 1 && (to - from + 1) * classes <= cellsARow * count) scanHistogram(feature, from, to, start)
    else if (!suitsLists(to - from, count)) {
      const closely =
        coarsely &&
        count >= coarse.rows &&
        coarseSearch(feature, room, { lists, tagOf, weightAt, labelBits, classes, total, weight, start, count, best })
      if (!closely) scanSorted(feature, start)
    } else {
      fillLists(lists, count)
      scanLists(feature, from, to, start, false, -1)
      clearLists(lists, count)
    }
    return true
  }

  function impurityOf(counts: Float64Array, all: number): number {
    let kindsThere = 0
    let sum = 0
    for (let k = 0; k < classes; k++) {
      const p = (counts[k] as number) / all
      if (p > 0) kindsThere++
      sum += entropy ? (p > 0 ? -p * Math.log2(p) : 0) : p * p
    }
    return kindsThere < 2 ? 0 : entropy ? sum : 1 - sum
  }

  return {
    best,
    width: classes,
    load(times, weights) {
      const places = new Map<number, number>()
      whole = true
      let n = 0
      let most = 0
      for (let row = 0; row < rows; row++) {
        const w = (times === undefined ? 1 : (times[row] as number)) * (weights === undefined ? 1 : (weights[row] as number))
        if (w === 0) continue
        // Whole weights are few and small: their own places.
        let place = w
        if (weights !== undefined) {
          place = places.get(w) ?? places.size
          places.set(w, place)
          whole &&= w === Math.floor(w)
        }
        rowOf[n] = row
        tagOf[n++] = (labels[row] as number) | (place << labelBits)
        if (place > most) most = place
      }
      weightAt = weights === undefined ? Float64Array.from({ length: most + 1 }, (_, w) => w) : Float64Array.from(places.keys())
      if (32 - Math.clz32(most) + labelBits > 32)
        throw fail('BAD_OPTION', 'trees', 'sampleWeight', `${most} different ones`, `fewer for ${classes} labels`)
      return n
    },
    enter(start, end, into, at) {
      count = end - start
      total.fill(0)
      for (let i = start; i < end; i++) {
        const tag = tagOf[i] as number
        total[tag & labelMask] = (total[tag & labelMask] as number) + (weightAt[tag >>> labelBits] as number)
      }
      weight = 0
      squares = 0
      let kindsOfRows = 0
      for (let k = 0; k < classes; k++) {
        const w = total[k] as number
        weight += w
        squares += w * w
        if (w > 0) kindsOfRows++
      }
      for (let k = 0; k < classes; k++) into.value[at * classes + k] = (total[k] as number) / weight
      into.weight[at] = weight
      into.impurity[at] = kindsOfRows < 2 ? 0 : impurityOf(total, weight)
      best.score = Number.NEGATIVE_INFINITY
      best.feature = -1
      return kindsOfRows < 2
    },
    search,
    searchAt(feature, start, end, bits) {
      const what = kind[feature]
      if (what !== kinds.quantity) return search(feature, start, end)
      gatherRanks(lists, columns.ranks, (rankAt[feature] as number) * columns.stride, rowOf, start, end)
      const absent = distinct[feature] as number
      if (lists.span[0] === lists.span[1]) return false
      const cut = drawThreshold(ranked, lists, feature, count, bits)
      const gaps = lists.span[1] === absent
      for (let goneLeft = 0; goneLeft <= (gaps ? 1 : 0); goneLeft++) {
        left.fill(0)
        let moved = 0
        for (let i = 0; i < count; i++) {
          const rank = lists.ranks[i] as number
          if (rank === absent ? goneLeft === 0 : rank > cut.rank) continue
          const tag = tagOf[start + i] as number
          const k = tag & labelMask
          left[k] = (left[k] as number) + (weightAt[tag >>> labelBits] as number)
          moved++
        }
        const score = moved === 0 || moved === count ? Number.NEGATIVE_INFINITY : scoreLeft(moved)
        if (score > best.score) take(best, feature, score, cut.rank, cut.nextRank, goneLeft === 1, gaps, cut.threshold)
      }
      return true
    },
    /** No split is better than one that leaves only pure nodes. */
    perfect: () => whole && !entropy && best.score >= weight,
    narrow: (start, end, isConstant) => narrow(rowOf, start, end, isConstant),
    widen,
    split: (start, end) => partition(ranked, columns, best, held, start, end),
  }
}

/** Larger where the children are purer: the sum of squared class weights of each child by its weight. */
function gini(leftSquares: number, product: number, leftWeight: number, squares: number, weight: number): number {
  return leftSquares / leftWeight + (squares - 2 * product + leftSquares) / (weight - leftWeight)
}

/** Minus the children's entropies, each by its weight. */
function entropyScore(left: Float64Array, total: Float64Array, classes: number, leftWeight: number, weight: number): number {
  let score = -plogp(leftWeight) - plogp(weight - leftWeight)
  for (let k = 0; k < classes; k++) score += plogp(left[k] as number) + plogp((total[k] as number) - (left[k] as number))
  return score
}

function plogp(p: number): number {
  return p > 0 ? p * Math.log2(p) : 0
}
