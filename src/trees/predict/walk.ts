/**
 * Rows walked down packed trees without a branch that depends on the data: where a processor guesses wrongly half the time,
 * guessing costs more than walking. Eight walks go side by side, so that while one waits for memory the others go on; they end
 * together, when none moved. Many rows down one tree are walked in WebAssembly (walk.wat), in two thirds of the time.
 */
import { leafBits, type Packed } from './pack.ts'
import { noSetWords } from './sets.ts'
import { wasm } from './walk.generated.ts'

/** Rows on their way down many trees. */
export interface Walk {
  /** [rows, width]: what trees have added up to so far. Valid until the next walk of rows begins. */
  readonly sums: Float64Array
  /** Adds what the leaves hold that the rows reach in a packed tree. */
  add(tree: number): void
}

/** Takes rows, as long as `packed` has columns, that begin at `at` of `x`, and what was added up for them before. */
export function walkRows(packed: Packed, x: Float32Array, at: number, rows: number, before: Float64Array): Walk {
  const { words, roots, ends, columns, shift, mask, values, valuesFrom, sets, setsFrom, most } = packed
  kernel ??= makeKernel()
  const { memory, walk, walkSets, addShares, addValues } = kernel
  // The rows, their sums, what is found, and one tree after another: to bring it here, in order, also brings it near.
  const sumsAt = roundUp(rows * columns * 4)
  const leavesAt = sumsAt + roundUp(before.byteLength)
  const treeAt = leavesAt + roundUp((rows + 8) * 4)
  const valuesAt = treeAt + roundUp(most.nodes * 8)
  const setsAt = valuesAt + roundUp(most.values * packed.width * 8)
  const lacking = setsAt + (noSetWords + most.sets) * 4 - memory.buffer.byteLength
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65_536))
  new Float32Array(memory.buffer).set(x.subarray(at, at + rows * columns))
  const rowSums = new Float64Array(memory.buffer, sumsAt, before.length)
  rowSums.set(before)
  const treePlace = new Int32Array(memory.buffer, treeAt)
  const valuesPlace = new Float64Array(memory.buffer, valuesAt)
  const setsPlace = new Uint32Array(memory.buffer, setsAt)
  setsPlace.fill(0, 0, noSetWords)
  const width = before.length / rows
  return {
    sums: rowSums,
    add(tree) {
      treePlace.set(words.subarray(2 * (roots[tree] as number), 2 * (ends[tree] as number)))
      valuesPlace.set(values.subarray((valuesFrom[tree] as number) * packed.width, (valuesFrom[tree + 1] as number) * packed.width))
      const ofTree = sets.subarray(setsFrom[tree], setsFrom[tree + 1])
      if (ofTree.length === 0) walk(treeAt, 0, columns * 4, rows, leavesAt, shift, mask)
      else {
        setsPlace.set(ofTree, noSetWords)
        walkSets(treeAt, 0, columns * 4, rows, leavesAt, shift, mask, setsAt)
      }
      if (packed.width === 1) addValues(leavesAt, rows, width * 8, valuesAt, sumsAt + (tree % width) * 8)
      else addShares(leavesAt, rows, width, valuesAt, sumsAt)
    },
  }
}

/** What walk.wat exports; places are in bytes. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  walk(root: number, x: number, stride: number, rows: number, leaves: number, shift: number, mask: number): void
  walkSets(root: number, x: number, stride: number, rows: number, leaves: number, shift: number, mask: number, sets: number): void
  addShares(leaves: number, rows: number, width: number, values: number, sums: number): void
  addValues(leaves: number, rows: number, step: number, values: number, sums: number): void
}

/** Of the thread; what is in its memory is of one walk only. */
let kernel: Kernel | undefined

/** What is used of WebAssembly, which the language's own types leave out. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

function makeKernel(): Kernel {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
  return new Instance(new Module(Buffer.from(wasm, 'base64'))).exports as Kernel
}

/** To a multiple of 64: a cache line. */
function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}

/**
 * What the leaves hold that one row reaches in trees `from` to `to` (not included), all packed and without sets of categories: `leaves` takes them from 0 on, and up to
 * seven numbers more. The nodes of so many trees are nowhere near, and waited for together.
 */
export function walkTrees(packed: Packed, from: number, to: number, x: Float32Array, at: number, leaves: Int32Array): void {
  const { words, thresholds, shift, mask, roots } = packed
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
      const na = a + (wa >> shift) - Number((x[at + (wa & mask)] as number) <= (thresholds[2 * a] as number))
      const nb = b + (wb >> shift) - Number((x[at + (wb & mask)] as number) <= (thresholds[2 * b] as number))
      const nc = c + (wc >> shift) - Number((x[at + (wc & mask)] as number) <= (thresholds[2 * c] as number))
      const nd = d + (wd >> shift) - Number((x[at + (wd & mask)] as number) <= (thresholds[2 * d] as number))
      const ne = e + (we >> shift) - Number((x[at + (we & mask)] as number) <= (thresholds[2 * e] as number))
      const nf = f + (wf >> shift) - Number((x[at + (wf & mask)] as number) <= (thresholds[2 * f] as number))
      const ng = g + (wg >> shift) - Number((x[at + (wg & mask)] as number) <= (thresholds[2 * g] as number))
      const nh = h + (wh >> shift) - Number((x[at + (wh & mask)] as number) <= (thresholds[2 * h] as number))
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
