/**
 * Rows walked down packed trees without a branch that depends on the data: where a processor guesses wrongly half the time,
 * guessing costs more than walking. Eight walks go side by side, so that while one waits for memory the others go on; they end
 * together, when none moved. In WebAssembly (walk.wat), which takes two thirds of the time that the language itself does.
 */
import { type Memory, webAssembly } from '../webAssembly.ts'
import type { Packed } from './pack.ts'
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
  readonly memory: Memory
  walk(root: number, x: number, stride: number, rows: number, leaves: number, shift: number, mask: number): void
  walkSets(root: number, x: number, stride: number, rows: number, leaves: number, shift: number, mask: number, sets: number): void
  addShares(leaves: number, rows: number, width: number, values: number, sums: number): void
  addValues(leaves: number, rows: number, step: number, values: number, sums: number): void
}

/** Of the thread; what is in its memory is of one walk only. */
let kernel: Kernel | undefined

function makeKernel(): Kernel {
  return new webAssembly.Instance(new webAssembly.Module(Buffer.from(wasm, 'base64'))).exports as Kernel
}

/** To a multiple of 64: a cache line. */
export function roundUp(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}
