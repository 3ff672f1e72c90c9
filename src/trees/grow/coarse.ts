/**
 * The best threshold of a large node by looking at a few of its rows closely: ranks are put into buckets, the classes of each are
 * counted, and a bound tells in which buckets a better threshold can lie. Only those are sorted.
 *
 * The score is convex in the class weights on the left (sums of squares over sums), and inside a bucket these lie in a box: between
 * what is left of the bucket, and that and the bucket. A convex function is largest in a corner of a box, so the best corner
 * bounds every threshold inside. What is found is therefore the best of all thresholds, as if all rows had been sorted.
 */
import { type Best, take } from './kernel.ts'
import type { RankLists } from './lists.ts'

/** Rows from which on this is quicker than sorting all; and classes, whose box has 2^classes corners. */
export const coarse = { rows: 4096, classes: 3 } as const

const buckets = 1024
/** Where more of the rows than this share would have to be sorted, all are. */
const closely = 0.25

export interface CoarseSearch {
  readonly lists: RankLists
  readonly tagOf: Int32Array
  readonly weightAt: Float64Array
  readonly labelBits: number
  readonly classes: number
  readonly total: Float64Array
  readonly weight: number
  readonly start: number
  readonly count: number
  readonly best: Best
}

/** Room for one search after another. */
export interface CoarseRoom {
  readonly counts: Float64Array
  readonly open: Uint8Array
  readonly picked: Float64Array
}

export function coarseRoom(rows: number, classes: number): CoarseRoom {
  return { counts: new Float64Array(buckets * classes), open: new Uint8Array(buckets), picked: new Float64Array(rows) }
}

/** Looks for a better threshold of the gathered feature. False: too many rows would have to be looked at, and nothing was done. */
export function coarseSearch(feature: number, room: CoarseRoom, search: CoarseSearch): boolean {
  const { counts, open } = room
  const { lists, tagOf, weightAt, labelBits, classes, total, weight, start, count, best } = search
  const { ranks, span } = lists
  const from = span[0] as number
  const mask = (1 << labelBits) - 1
  let shift = 0
  while (((span[1] as number) - from) >> shift >= buckets) shift++
  const used = (((span[1] as number) - from) >> shift) + 1
  counts.fill(0, 0, used * classes)
  for (let i = 0; i < count; i++) {
    const tag = tagOf[start + i] as number
    const cell = (((ranks[i] as number) - from) >> shift) * classes + (tag & mask)
    counts[cell] = (counts[cell] as number) + (weightAt[tag >>> labelBits] as number)
  }

  // Between buckets: thresholds whose scores are known already.
  const left = new Float64Array(classes)
  let edge = -1
  let edgeScore = best.score
  for (let b = 0; b < used - 1; b++) {
    let any = false
    for (let k = 0; k < classes; k++) {
      const w = counts[b * classes + k] as number
      if (w > 0) any = true
      left[k] = (left[k] as number) + w
    }
    if (!any) continue
    const score = giniOf(left, total, weight)
    if (score > edgeScore) {
      edgeScore = score
      edge = b
    }
  }

  // Inside buckets: where a corner of the box is better still.
  left.fill(0)
  const corner = new Float64Array(classes)
  let opened = 0
  for (let b = 0; b < used; b++) {
    let inside = 0
    let bound = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) inside += counts[b * classes + k] as number
    if (inside > 0) {
      for (let corners = 0; corners < 1 << classes; corners++) {
        for (let k = 0; k < classes; k++) corner[k] = (left[k] as number) + ((corners >> k) & 1) * (counts[b * classes + k] as number)
        const score = giniOf(corner, total, weight)
        if (score > bound) bound = score
      }
    }
    // A little more than equal: bounds are rounded, too.
    open[b] = inside > 0 && bound >= edgeScore * (1 - 1e-12) ? 1 : 0
    if (open[b] === 1) opened += inside
    for (let k = 0; k < classes; k++) left[k] = (left[k] as number) + (counts[b * classes + k] as number)
  }
  if (opened > closely * weight) return false

  if (edge >= 0) {
    const [rank, nextRank] = ranksAround(ranks, count, from + ((edge + 1) << shift))
    take(best, feature, edgeScore, rank, nextRank, false, false)
  }
  if (opened > 0) lookInside(feature, shift, room, search)
  return true
}

/** Sorts the rows of open buckets and tries every threshold between them. */
function lookInside(feature: number, shift: number, { counts, open, picked }: CoarseRoom, search: CoarseSearch): void {
  const { lists, tagOf, weightAt, labelBits, classes, total, weight, start, count, best } = search
  const { ranks, span } = lists
  const from = span[0] as number
  const mask = (1 << labelBits) - 1
  // Rank and row in one number, because numbers are sorted without asking anybody: it is exact up to 2^53.
  let found = 0
  for (let i = 0; i < count; i++) if (open[((ranks[i] as number) - from) >> shift] === 1) picked[found++] = (ranks[i] as number) * count + i
  const rows = picked.subarray(0, found).sort()
  const left = new Float64Array(classes)
  let next = 0
  let at = 0
  while (at < rows.length) {
    const bucket = (Math.floor((rows[at] as number) / count) - from) >> shift
    for (; next < bucket; next++) for (let k = 0; k < classes; k++) left[k] = (left[k] as number) + (counts[next * classes + k] as number)
    next = bucket + 1
    let before = -1
    for (; at < rows.length; at++) {
      const row = (rows[at] as number) % count
      const rank = ranks[row] as number
      if ((rank - from) >> shift !== bucket) break
      if (before >= 0 && rank !== before) {
        const score = giniOf(left, total, weight)
        if (score > best.score) take(best, feature, score, before, rank, false, false)
      }
      const tag = tagOf[start + row] as number
      left[tag & mask] = (left[tag & mask] as number) + (weightAt[tag >>> labelBits] as number)
      before = rank
    }
  }
}

/** The largest rank below a border and the smallest one not below it. */
function ranksAround(ranks: Int32Array, count: number, border: number): readonly [number, number] {
  let below = -1
  let above = 0x7fffffff
  for (let i = 0; i < count; i++) {
    const rank = ranks[i] as number
    if (rank < border) {
      if (rank > below) below = rank
    } else if (rank < above) above = rank
  }
  return [below, above]
}

/** Gini's score of a split; -Infinity where a side is empty. */
function giniOf(left: Float64Array, total: Float64Array, weight: number): number {
  let leftWeight = 0
  let leftSquares = 0
  let rightSquares = 0
  for (let k = 0; k < left.length; k++) {
    const l = left[k] as number
    const r = (total[k] as number) - l
    leftWeight += l
    leftSquares += l * l
    rightSquares += r * r
  }
  const rightWeight = weight - leftWeight
  return leftWeight > 0 && rightWeight > 0 ? leftSquares / leftWeight + rightSquares / rightWeight : Number.NEGATIVE_INFINITY
}
