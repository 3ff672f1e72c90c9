/**
 * Rows of a node in the order of a feature's ranks, without sorting them: every rank has a list of its rows, and a bitmap tells which
 * ranks have one. Filling takes a step a row, reading a step a row and one for every 32 ranks of the node's span. Of few
 * rows, a sort by insertion is quicker; of ranks that lie far apart, a radix sort; of many rows and few ranks, counting into a histogram is (see the kernels).
 */

/** Up to so many rows are sorted by insertion: about where it costs as much as reading a bitmap of 100 words. */
export const fewRows = 20

/** Lists are used where their heads stay in the cache, and the bitmap is no longer than the rows are many. */
export function suitsLists(span: number, count: number): boolean {
  return span < 32_768 && span >> 5 <= count
}

export interface RankLists {
  /** Ranks of the node's rows, gathered: row number i of the node has `ranks[i]`. */
  readonly ranks: Int32Array
  /** First row of a rank's list, plus 1; 0 where there is none. */
  readonly head: Int32Array
  /** The row after row i in its list, plus 1. */
  readonly next: Int32Array
  /** Which ranks have a list. */
  readonly bits: Int32Array
  /** The ranks in their order, and what goes with the rows that have them, where they were sorted. */
  readonly sorted: Int32Array
  readonly order: Int32Array
  /** Ranks on their way while sorting. */
  readonly keys: Int32Array
  /** Where each digit begins, while sorting. */
  readonly starts: Int32Array
  /** Smallest and largest rank of the last gathering. */
  readonly span: Int32Array
}

export function rankLists(rows: number, mostRanks: number): RankLists {
  return {
    ranks: new Int32Array(rows),
    head: new Int32Array(mostRanks + 1),
    next: new Int32Array(rows),
    bits: new Int32Array((mostRanks >> 5) + 2),
    order: new Int32Array(rows),
    sorted: new Int32Array(rows),
    keys: new Int32Array(rows),
    starts: new Int32Array((1 << 11) + 1),
    span: new Int32Array(2),
  }
}

/** Reads the ranks of rows `start..end` of a node into `lists.ranks`, and their span. */
export function gatherRanks(
  { ranks: into, span }: RankLists,
  ranks: Uint16Array | Uint32Array,
  column: number,
  rowOf: Int32Array,
  start: number,
  end: number,
): void {
  let least = 0x7fffffff
  let most = -1
  for (let i = start; i < end; i++) {
    const rank = ranks[column + (rowOf[i] as number)] as number
    into[i - start] = rank
    if (rank < least) least = rank
    if (rank > most) most = rank
  }
  span[0] = least
  span[1] = most
}

/** Makes the lists of the first `count` gathered ranks. */
export function fillLists({ ranks, head, next, bits }: RankLists, count: number): void {
  // Backwards, so that every list holds its rows in their order.
  for (let i = count - 1; i >= 0; i--) {
    const rank = ranks[i] as number
    next[i] = head[rank] as number
    head[rank] = i + 1
    bits[rank >> 5] = (bits[rank >> 5] as number) | (1 << (rank & 31))
  }
}

/** Empties what `fillLists` filled. */
export function clearLists({ ranks, head, bits }: RankLists, count: number): void {
  for (let i = 0; i < count; i++) {
    const rank = ranks[i] as number
    head[rank] = 0
    bits[rank >> 5] = 0
  }
}

/**
 * Puts the first `count` gathered ranks into `sorted`, and what goes with each row (`beside[start + i]`) beside them into `order`; equal
 * ranks stay in their order.
 */
export function sortByRank(lists: RankLists, count: number, beside: Int32Array, start: number): void {
  if (count <= fewRows) byInsertion(lists, count, beside, start)
  else byDigits(lists, count, beside, start)
}

function byInsertion({ ranks, sorted, order }: RankLists, count: number, beside: Int32Array, start: number): void {
  for (let i = 0; i < count; i++) {
    const rank = ranks[i] as number
    let at = i - 1
    while (at >= 0 && (sorted[at] as number) > rank) {
      sorted[at + 1] = sorted[at] as number
      order[at + 1] = order[at] as number
      at--
    }
    sorted[at + 1] = rank
    order[at + 1] = beside[start + i] as number
  }
}

/** A radix sort from the lowest digit on, whose digits are as wide as the rows are many. */
function byDigits({ ranks, sorted, order, keys, next, span, starts }: RankLists, count: number, beside: Int32Array, start: number): void {
  const from = span[0] as number
  const width = 32 - Math.clz32((span[1] as number) - from)
  const most = Math.min(11, Math.max(5, 31 - Math.clz32(count)))
  const passes = Math.ceil(width / most)
  const digit = Math.ceil(width / passes)
  const mask = (1 << digit) - 1
  for (let pass = 0; pass < passes; pass++) {
    const shift = pass * digit
    // The last pass must end in `sorted` and `order`.
    const odd = (passes - pass) % 2 === 1
    const [fromKeys, fromRows] = pass === 0 ? [ranks, beside] : odd ? [keys, next] : [sorted, order]
    const first = pass === 0 ? start : 0
    const [toKeys, toRows] = odd ? [sorted, order] : [keys, next]
    starts.fill(0, 0, mask + 2)
    for (let i = 0; i < count; i++) {
      const d = ((((fromKeys[i] as number) - from) >> shift) & mask) + 1
      starts[d] = (starts[d] as number) + 1
    }
    for (let d = 1; d <= mask; d++) starts[d] = (starts[d] as number) + (starts[d - 1] as number)
    for (let i = 0; i < count; i++) {
      const key = fromKeys[i] as number
      const d = ((key - from) >> shift) & mask
      const to = starts[d] as number
      starts[d] = to + 1
      toKeys[to] = key
      toRows[to] = fromRows[first + i] as number
    }
  }
}
