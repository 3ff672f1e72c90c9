/**
 * Rows walked down packed trees without a branch that depends on the data: where a processor guesses wrongly half the time,
 * guessing costs more than walking. Several walks go side by side, so that while one waits for memory the others go on; they end
 * together, when none moved.
 */
import { leafBits, type Packed } from './pack.ts'

/** From how many rows on a tree is worth reading through before it is walked. */
const worthReading = 128
const sink = new Int32Array(1)

/**
 * What the leaves hold that rows reach in one tree: `leaves` takes them, and up to three numbers more. Rows begin at `at` and are
 * as long as `packed` has columns.
 */
export function walkRows(packed: Packed, tree: number, x: Float32Array, at: number, rows: number, leaves: Int32Array): void {
  const { words, thresholds, columnBits, columns } = packed
  const root = packed.roots[tree] as number
  if (rows >= worthReading) readThrough(packed, tree)
  const mask = (1 << columnBits) - 1
  const last = at + (rows - 1) * columns
  for (let row = 0; row < rows; row += 4) {
    const xa = at + row * columns
    const xb = Math.min(xa + columns, last)
    const xc = Math.min(xb + columns, last)
    const xd = Math.min(xc + columns, last)
    let a = root
    let b = root
    let c = root
    let d = root
    for (;;) {
      const wa = words[2 * a + 1] as number
      const wb = words[2 * b + 1] as number
      const wc = words[2 * c + 1] as number
      const wd = words[2 * d + 1] as number
      const na = a + (wa >> columnBits) - Number((x[xa + (wa & mask)] as number) <= (thresholds[2 * a] as number))
      const nb = b + (wb >> columnBits) - Number((x[xb + (wb & mask)] as number) <= (thresholds[2 * b] as number))
      const nc = c + (wc >> columnBits) - Number((x[xc + (wc & mask)] as number) <= (thresholds[2 * c] as number))
      const nd = d + (wd >> columnBits) - Number((x[xd + (wd & mask)] as number) <= (thresholds[2 * d] as number))
      if (((na ^ a) | (nb ^ b) | (nc ^ c) | (nd ^ d)) === 0) break
      a = na
      b = nb
      c = nc
      d = nd
    }
    leaves[row] = (words[2 * a] as number) & leafBits
    leaves[row + 1] = (words[2 * b] as number) & leafBits
    leaves[row + 2] = (words[2 * c] as number) & leafBits
    leaves[row + 3] = (words[2 * d] as number) & leafBits
  }
}

/**
 * What the leaves hold that one row reaches in trees `from` to `to` (not included), all packed: `leaves` takes them from 0 on, and up to
 * seven numbers more. Eight at once: the nodes of so many trees are nowhere near, and waited for together.
 */
export function walkTrees(packed: Packed, from: number, to: number, x: Float32Array, at: number, leaves: Int32Array): void {
  const { words, thresholds, columnBits, roots } = packed
  const mask = (1 << columnBits) - 1
  const last = to - 1
  for (let tree = from; tree < to; tree += 8) {
    let a = roots[tree] as number
    let b = roots[Math.min(tree + 1, last)] as number
    let c = roots[Math.min(tree + 2, last)] as number
    let d = roots[Math.min(tree + 3, last)] as number
    let e = roots[Math.min(tree + 4, last)] as number
    let f = roots[Math.min(tree + 5, last)] as number
    let g = roots[Math.min(tree + 6, last)] as number
    let h = roots[Math.min(tree + 7, last)] as number
    for (;;) {
      const wa = words[2 * a + 1] as number
      const wb = words[2 * b + 1] as number
      const wc = words[2 * c + 1] as number
      const wd = words[2 * d + 1] as number
      const we = words[2 * e + 1] as number
      const wf = words[2 * f + 1] as number
      const wg = words[2 * g + 1] as number
      const wh = words[2 * h + 1] as number
      const na = a + (wa >> columnBits) - Number((x[at + (wa & mask)] as number) <= (thresholds[2 * a] as number))
      const nb = b + (wb >> columnBits) - Number((x[at + (wb & mask)] as number) <= (thresholds[2 * b] as number))
      const nc = c + (wc >> columnBits) - Number((x[at + (wc & mask)] as number) <= (thresholds[2 * c] as number))
      const nd = d + (wd >> columnBits) - Number((x[at + (wd & mask)] as number) <= (thresholds[2 * d] as number))
      const ne = e + (we >> columnBits) - Number((x[at + (we & mask)] as number) <= (thresholds[2 * e] as number))
      const nf = f + (wf >> columnBits) - Number((x[at + (wf & mask)] as number) <= (thresholds[2 * f] as number))
      const ng = g + (wg >> columnBits) - Number((x[at + (wg & mask)] as number) <= (thresholds[2 * g] as number))
      const nh = h + (wh >> columnBits) - Number((x[at + (wh & mask)] as number) <= (thresholds[2 * h] as number))
      if (((na ^ a) | (nb ^ b) | (nc ^ c) | (nd ^ d) | (ne ^ e) | (nf ^ f) | (ng ^ g) | (nh ^ h)) === 0) break
      a = na
      b = nb
      c = nc
      d = nd
      e = ne
      f = nf
      g = ng
      h = nh
    }
    const k = tree - from
    leaves[k] = (words[2 * a] as number) & leafBits
    leaves[k + 1] = (words[2 * b] as number) & leafBits
    leaves[k + 2] = (words[2 * c] as number) & leafBits
    leaves[k + 3] = (words[2 * d] as number) & leafBits
    leaves[k + 4] = (words[2 * e] as number) & leafBits
    leaves[k + 5] = (words[2 * f] as number) & leafBits
    leaves[k + 6] = (words[2 * g] as number) & leafBits
    leaves[k + 7] = (words[2 * h] as number) & leafBits
  }
}

/** Brings a tree near in the order it lies in memory, many times faster than by walks that meet its lines one by one. */
function readThrough({ words, roots, ends }: Packed, tree: number): void {
  const end = 2 * (ends[tree] as number)
  let sum = 0
  for (let word = 2 * (roots[tree] as number); word < end; word += 16) sum = (sum + (words[word] as number)) | 0
  // Written down, or the reading would be left out as useless.
  sink[0] = sum
}
