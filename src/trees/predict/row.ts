/**
 * One row walked down many trees at once, as those that serve are asked: their nodes are nowhere near, and eight trees are waited for together
 * (row.wat). For that the packed trees are copied, once, to where WebAssembly reaches them.
 */
import { webAssembly } from '../webAssembly.ts'
import type { Packed } from './pack.ts'
import { wasm } from './row.generated.ts'
import { roundUp } from './walk.ts'

/**
 * What the leaves hold that a row, as long as `packed` has columns and beginning at `at` of `x`, reaches in trees `from` to `to` (not
 * included), all packed and without sets of categories. Valid until the next call; up to seven numbers more have no meaning.
 */
export type RowWalk = (from: number, to: number, x: Float32Array, at: number) => Int32Array

/** Calls after which a model is taken for one that is asked again and again. */
export const callsBefore = 8

/** How often each was asked for, and the walk of those that were asked often enough. */
const known = new WeakMap<Packed, { calls: number; walk?: RowWalk }>()

/** Undefined where it is not worth the copy yet, or where there is no memory for it: rows then walk as many do. */
export function rowWalkOf(packed: Packed): RowWalk | undefined {
  let about = known.get(packed)
  if (about === undefined) known.set(packed, (about = { calls: 0 }))
  if (about.calls++ === callsBefore) {
    try {
      about.walk = makeWalk(packed)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  return about.walk
}

function makeWalk({ words, roots, columns, shift, mask }: Packed): RowWalk {
  const trees = roots.length
  const rootsAt = roundUp(words.byteLength)
  const xAt = rootsAt + roundUp((trees + 8) * 4)
  const leavesAt = xAt + roundUp(columns * 4)
  const memory = new webAssembly.Memory({ initial: Math.ceil((leavesAt + (trees + 8) * 4) / 65_536) })
  const module = new webAssembly.Module(Buffer.from(wasm, 'base64'))
  const { walk } = new webAssembly.Instance(module, { env: { memory } }).exports as Exports
  new Int32Array(memory.buffer).set(words)
  // A tree that is not packed, and what is read beyond the last, leads to the first: its leaf is of no use, and does no harm.
  new Int32Array(memory.buffer, rootsAt).set(roots.map((root) => Math.max(0, root) * 8))
  const row = new Float32Array(memory.buffer, xAt, columns)
  const leaves = new Int32Array(memory.buffer, leavesAt, trees + 8)
  return (from, to, x, at) => {
    for (let k = 0; k < columns; k++) row[k] = x[at + k] as number
    walk(rootsAt + 4 * from, rootsAt + 4 * to, xAt, leavesAt, shift, mask)
    return leaves
  }
}

/** What row.wat exports; places are in bytes. */
interface Exports {
  walk(roots: number, end: number, x: number, leaves: number, shift: number, mask: number): void
}
