/**
 * Parts the rows of a node by its best split, stably: those that go left stay in front, in their order. Each row is written to both
 * sides and one of them moves on, because a branch on where it goes would be guessed wrong half of the time.
 */
import type { Columns } from './columns.ts'
import { type Best, goesLeftByRank } from './kernel.ts'
import { kinds, type Ranked } from './ranks.ts'

/** Two numbers that go with each row of the kernel, and room for those that go right. */
export interface Rows {
  /** Where the row is in the columns. */
  readonly rowOf: Int32Array
  /** Whatever the kernel needs of the row. */
  readonly tagOf: Int32Array
  readonly spareRows: Int32Array
  readonly spareTags: Int32Array
}

export function rowsFor(count: number): Rows {
  const ints = () => new Int32Array(count)
  return { rowOf: ints(), tagOf: ints(), spareRows: ints(), spareTags: ints() }
}

/** Parts rows `start` to `end`; gives where the right ones begin. */
export function partition(ranked: Ranked, columns: Columns, best: Best, rows: Rows, start: number, end: number): number {
  const { feature } = best
  const middle =
    ranked.kind[feature] === kinds.flag
      ? byFlag(columns.flags, (ranked.flagAt[feature] as number) * columns.stride, rows, start, end)
      : best.set === undefined && !best.missingLeft
        ? byRank(columns.ranks, (ranked.rankAt[feature] as number) * columns.stride, best.rank, rows, start, end)
        : bySet(ranked, columns, best, rows, start, end)
  const aside = end - middle
  rows.rowOf.set(rows.spareRows.subarray(0, aside), middle)
  rows.tagOf.set(rows.spareTags.subarray(0, aside), middle)
  return middle
}

function byFlag(flags: Uint8Array, column: number, { rowOf, tagOf, spareRows, spareTags }: Rows, start: number, end: number): number {
  let to = start
  let aside = 0
  for (let i = start; i < end; i++) {
    const row = rowOf[i] as number
    const tag = tagOf[i] as number
    const goesRight = flags[column + row] as number
    rowOf[to] = row
    tagOf[to] = tag
    spareRows[aside] = row
    spareTags[aside] = tag
    to += 1 - goesRight
    aside += goesRight
  }
  return to
}

function byRank(
  ranks: Uint16Array | Uint32Array,
  column: number,
  rank: number,
  { rowOf, tagOf, spareRows, spareTags }: Rows,
  start: number,
  end: number,
): number {
  let to = start
  let aside = 0
  for (let i = start; i < end; i++) {
    const row = rowOf[i] as number
    const tag = tagOf[i] as number
    // Ranks are below 2^31: the sign of the difference is 1 where it is larger.
    const goesRight = (rank - (ranks[column + row] as number)) >>> 31
    rowOf[to] = row
    tagOf[to] = tag
    spareRows[aside] = row
    spareTags[aside] = tag
    to += 1 - goesRight
    aside += goesRight
  }
  return to
}

function bySet(
  ranked: Ranked,
  { ranks, stride }: Columns,
  best: Best,
  { rowOf, tagOf, spareRows, spareTags }: Rows,
  start: number,
  end: number,
): number {
  const column = (ranked.rankAt[best.feature] as number) * stride
  const absent = ranked.distinct[best.feature] as number
  let to = start
  let aside = 0
  for (let i = start; i < end; i++) {
    const row = rowOf[i] as number
    const tag = tagOf[i] as number
    if (goesLeftByRank(best, ranks[column + row] as number, absent)) {
      rowOf[to] = row
      tagOf[to++] = tag
    } else {
      spareRows[aside] = row
      spareTags[aside++] = tag
    }
  }
  return to
}
