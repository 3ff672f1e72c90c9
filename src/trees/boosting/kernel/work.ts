/** What every thread of a fit does: one part of each command, over the shared memory. */
import { type Gradients, gradientsOf } from './gradients.ts'
import { type Kernel, kernelOn } from './kernel.ts'
import { fixed, type Plan } from './places.ts'
import type { Memory, Module } from './webAssembly.ts'

export const commands = { leave: 0, gradients: 1, split: 2, root: 3, raise: 4, largest: 5 } as const

/** Words of the command `split`. */
export const splitWords = {
  begin: 1,
  count: 2,
  lefts: 3,
  bins: 4,
  parent: 5,
  child: 6,
  smallerLeft: 7,
  look: 8,
  leftNode: 9,
  rightNode: 10,
  gh: 11,
} as const

/** One thread's view of a fit. */
export interface Work {
  readonly kernel: Kernel
  readonly plan: Plan
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly gradients: Gradients
}

export function workOn(memory: Memory, plan: Plan, module?: Module): Work {
  const i32 = new Int32Array(memory.buffer)
  const f64 = new Float64Array(memory.buffer)
  const kernel = kernelOn(memory, module)
  return { kernel, plan, i32, f64, gradients: gradientsOf(kernel, plan, i32, f64) }
}

/** How long a thread turns in place before it sleeps: some tens of microseconds, more than waking one up takes. */
const spins = 20_000

export function meet(work: Work, threads: number): void {
  if (threads > 1) work.kernel.barrier(threads, spins)
}

/** Does `thread`'s part of the command in memory. */
export function perform(work: Work, thread: number, threads: number): void {
  const { i32, f64, plan } = work
  const words = fixed.command >> 2
  switch (i32[words]) {
    case commands.gradients: {
      const at = fixed.numbers >> 3
      work.gradients.fill(...slice(plan.stride, thread, threads), thread, f64[at] as number, f64[at + 1] as number)
      break
    }
    case commands.largest:
      work.gradients.largest(...slice(plan.rows, thread, threads), (fixed.answers + thread * fixed.answerBytes) >> 3, thread)
      break
    case commands.root:
      root(work, thread, threads, i32[words + splitWords.gh] as number)
      break
    case commands.split:
      split(work, thread, threads)
      break
    case commands.raise:
      raise(work, thread, threads, i32[words + 1] as number, i32[words + 2] as number)
      break
  }
}

/** The thread's share of so many, its borders even. */
function slice(count: number, thread: number, threads: number): [number, number] {
  const border = (t: number) => (t === threads ? count : Math.floor((count * t) / threads) & ~1)
  return [border(thread), border(thread + 1)]
}

/** The histogram of all rows, and its best split. */
function root(work: Work, thread: number, threads: number, gh: number): void {
  const { plan, kernel } = work
  histogram(work, thread, threads, 0, plan.rows, gh, plan.slots)
  meet(work, threads)
  gather(work, thread, threads, plan.slots)
  // Every row is in one bin of every bundle, so any bundle's bins add up to the node's sums.
  if (threads > 1) meet(work, threads)
  if (thread === 0) kernel.total(plan.slots, ((plan.offsets[1] as number) - (plan.offsets[0] as number)) / 16, plan.nodes)
  meet(work, threads)
  look(work, thread, threads, plan.slots, 0, 0)
}

/** Parts the rows of a node, makes the histogram of the smaller part and of the other by subtraction, finds the best split of each. */
function split(work: Work, thread: number, threads: number): void {
  const { plan, kernel, i32 } = work
  const words = fixed.command >> 2
  const word = (name: keyof typeof splitWords) => i32[words + splitWords[name]] as number
  const [begin, count, lefts, looks] = [word('begin'), word('count'), word('lefts'), word('look')]
  part(work, thread, threads, begin, count, word('bins'))
  if (looks === 0) return
  meet(work, threads)
  const smallerLeft = word('smallerLeft') === 1
  const [parent, child] = [word('parent'), word('child')]
  const [from, size] = smallerLeft ? [begin, lefts] : [begin + lefts, count - lefts]
  histogram(work, thread, threads, from, size, word('gh'), child)
  meet(work, threads)
  gather(work, thread, threads, child)
  const cuts = cutsFor(plan, threads, plan.bundleCuts, plan.bundles)
  const [a, b] = [plan.offsets[cuts[thread] as number] as number, plan.offsets[cuts[thread + 1] as number] as number]
  kernel.subtract(parent + a, child + a, b - a)
  if (looks & 1) look(work, thread, threads, smallerLeft ? child : parent, word('leftNode'), 0)
  if (looks & 2) look(work, thread, threads, smallerLeft ? parent : child, word('rightNode'), 1)
}

function part(work: Work, thread: number, threads: number, begin: number, count: number, bins: number): void {
  const { plan, kernel, i32 } = work
  if (threads === 1) {
    const at = plan.order + begin * 4
    const lefts = kernel.part(at, count, bins, plan.table, at, plan.right)
    kernel.copy(at + lefts * 4, plan.right, (count - lefts) * 4)
    return
  }
  const counts = (fixed.answers >> 2) + 24
  const [from, to] = slice(count, thread, threads)
  const lefts = kernel.part(plan.order + (begin + from) * 4, to - from, bins, plan.table, plan.left + from * 4, plan.right + from * 4)
  i32[counts + thread * (fixed.answerBytes >> 2)] = lefts
  meet(work, threads)
  let [l, r] = [begin, begin]
  for (let t = 0; t < threads; t++) {
    const n = i32[counts + t * (fixed.answerBytes >> 2)] as number
    const [a, b] = slice(count, t, threads)
    if (t < thread) {
      l += n
      r += b - a - n
    }
    r += n
  }
  kernel.copy(plan.order + l * 4, plan.left + from * 4, lefts * 4)
  kernel.copy(plan.order + r * 4, plan.right + from * 4, (to - from - lefts) * 4)
}

/** The histogram of some places of `order`: at `target` where one thread does all, else each thread's part in its own. */
function histogram(
  { plan, kernel, i32 }: Work,
  thread: number,
  threads: number,
  begin: number,
  count: number,
  gh: number,
  target: number,
): void {
  const [from, to] = slice(count, thread, threads)
  const slot = threads === 1 ? target : plan.own + thread * plan.slotBytes
  kernel.fill(slot, plan.slotBytes)
  const one = 1n << BigInt(i32[fixed.shift >> 2] as number)
  const { bundles, offsets } = plan
  const unused = slot + (offsets[bundles] as number)
  const at = (bundle: number) => slot + (offsets[bundle] as number)
  // A block of rows at a time, so that the second group finds its gradients in the cache.
  for (let row = from; row < to; row += block) {
    const some = Math.min(block, to - row)
    const rows = plan.order + (begin + row) * 4
    for (let b = 0; b < bundles; b += 4) {
      const bins = plan.bins + b * plan.stride
      const left = bundles - b
      if (left === 1) kernel.hist1(rows, some, bins, gh, one, at(b))
      else if (left === 2) kernel.hist2(rows, some, bins, gh, one, at(b), at(b + 1))
      else kernel.hist4(rows, some, bins, gh, one, at(b), at(b + 1), at(b + 2), left > 3 ? at(b + 3) : unused)
    }
  }
}

const block = 4096

/** Adds up what the threads have counted, each a range of bundles. */
function gather({ plan, kernel }: Work, thread: number, threads: number, target: number): void {
  if (threads === 1) return
  const from = plan.offsets[plan.bundleCuts[thread] as number] as number
  const bytes = (plan.offsets[plan.bundleCuts[thread + 1] as number] as number) - from
  kernel.copy(target + from, plan.own + from, bytes)
  for (let t = 1; t < threads; t++) kernel.add(target + from, plan.own + t * plan.slotBytes + from, bytes)
}

function look({ plan, kernel, f64 }: Work, thread: number, threads: number, slot: number, node: number, side: 0 | 1): void {
  const cuts = cutsFor(plan, threads, plan.recordCuts, plan.features)
  const out = fixed.answers + thread * fixed.answerBytes + side * 48
  f64[out >> 3] = -1
  const [from, to] = [plan.records + (cuts[thread] as number) * 32, plan.records + (cuts[thread + 1] as number) * 32]
  kernel.best(slot, from, to, plan.active + side * plan.features, plan.nodes + node * 16, plan.scratch + thread * plan.scratchBytes, out)
}

function cutsFor(_plan: Plan, threads: number, cuts: readonly number[], all: number): readonly number[] {
  return threads === 1 ? [0, all] : cuts
}

/** Adds a finished tree's values to the scores of its leaves' rows. */
function raise({ plan, kernel, i32, f64 }: Work, thread: number, threads: number, leaves: number, scores: number): void {
  const [from, to] = slice(plan.rows, thread, threads)
  for (let leaf = 0; leaf < leaves; leaf++) {
    const at = plan.leaves + leaf * 16
    const begin = i32[at >> 2] as number
    const count = i32[(at >> 2) + 1] as number
    const [a, b] = [Math.max(begin, from), Math.min(begin + count, to)]
    if (a < b) kernel.raise(plan.order + a * 4, b - a, scores, f64[(at >> 3) + 1] as number)
  }
}
