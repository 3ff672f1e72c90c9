/**
 * The columns that a kernel reads: those of all rows, or a copy of what the rows of one small node have, side by side. Deep in a tree
 * a node's rows lie far apart in the columns of a large data set, and every read would wait for memory.
 */
import type { Ranked } from './ranks.ts'

export interface Columns {
  ranks: Uint16Array | Uint32Array
  flags: Uint8Array
  /** Rows of a column. */
  stride: number
}

export interface NarrowColumns {
  /** What is read now. */
  readonly columns: Columns
  narrow(rowOf: Int32Array, start: number, end: number, isConstant: Uint8Array): void
  widen(): void
}

/**
 * Bytes of a copy. Side by side, rows are near enough also where they do not fit into a second-level cache: of 1/4, 1/2, 1, 2, 4 and 8 MiB, 2
 * were quickest for 100,000 and for 1,000,000 rows.
 */
const near = 2 * 2 ** 20

/** Rows of a node whose columns are copied; 0 where those of the whole data set are near as they are. */
export function narrowRows({ rows, features, rankAt, flagAt, ranks }: Ranked): number {
  let bytes = 0
  for (let f = 0; f < features; f++) bytes += (rankAt[f] as number) >= 0 ? ranks.BYTES_PER_ELEMENT : (flagAt[f] as number) >= 0 ? 1 : 0
  return bytes * rows <= 2 * near ? 0 : Math.floor(near / bytes)
}

export function narrowColumns(ranked: Ranked): NarrowColumns {
  const { rows, features, ranks, flags, rankAt, flagAt } = ranked
  const stride = narrowRows(ranked)
  const columns: Columns = { ranks, flags, stride: rows }
  const nearRanks = new (ranks.constructor as Uint32ArrayConstructor)((ranks.length / rows) * stride)
  const nearFlags = new Uint8Array((flags.length / rows) * stride)
  return {
    columns,
    narrow(rowOf, start, end, isConstant) {
      for (let f = 0; f < features; f++) {
        if (isConstant[f] === 1) continue
        if ((rankAt[f] as number) >= 0)
          copy(ranks, (rankAt[f] as number) * rows, nearRanks, (rankAt[f] as number) * stride, rowOf, start, end)
        else if ((flagAt[f] as number) >= 0)
          copyFlags(flags, (flagAt[f] as number) * rows, nearFlags, (flagAt[f] as number) * stride, rowOf, start, end)
      }
      for (let i = start; i < end; i++) rowOf[i] = i - start
      columns.ranks = nearRanks
      columns.flags = nearFlags
      columns.stride = stride
    },
    widen() {
      columns.ranks = ranks
      columns.flags = flags
      columns.stride = rows
    },
  }
}

function copy(
  from: Uint16Array | Uint32Array,
  column: number,
  to: Uint16Array | Uint32Array,
  at: number,
  rowOf: Int32Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[at + i - start] = from[column + (rowOf[i] as number)] as number
}

function copyFlags(from: Uint8Array, column: number, to: Uint8Array, at: number, rowOf: Int32Array, start: number, end: number): void {
  for (let i = start; i < end; i++) to[at + i - start] = from[column + (rowOf[i] as number)] as number
}
