/** What threads of a fit do: parts of steps, over the shared memory. Which thread does a part makes no difference. */

import type { Module, SharedMemory } from '../../webAssembly.ts'
import { type Gradients, gradientsOf } from './gradients.ts'
import { type Kernel, kernelOn } from './kernel.ts'
import { fixed, type Plan } from './places.ts'

/** Steps that threads do together: each is cut into parts, and done when all parts are. */
export const steps = {
  leave: 0,
  gradients: 1,
  largest: 2,
  raise: 3,
  part: 4,
  place: 5,
  partAndCount: 6,
  placeAndLook: 7,
  count: 8,
  gather: 9,
  look: 10,
} as const
export type Step = keyof typeof steps

/** What a fit asks for, as the steps that it takes: as few as can be, since each ends with waiting for the last. */
export const jobs = {
  gradients: ['gradients'],
  largest: ['largest'],
  raise: ['raise'],
  root: ['count', 'gather', 'look'],
  /** Parts the rows of a node, and no more. */
  part: ['part', 'place'],
  /** Parts the rows, makes the histogram of the smaller part and of the other by subtraction, finds the best split of each. */
  split: ['partAndCount', 'placeAndLook'],
} as const satisfies Record<string, readonly Step[]>
export type Job = keyof typeof jobs

/** Words of the command: of `split`, and of `root` those that it has. */
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
  /** Where the histogram goes that is made from rows. */
  target: 12,
} as const

/** One thread's view of a fit. */
export interface Work {
  readonly kernel: Kernel
  readonly plan: Plan
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly gradients: Gradients
}

export function workOn(memory: SharedMemory, plan: Plan, module: Module): Work {
  const i32 = new Int32Array(memory.buffer)
  const f64 = new Float64Array(memory.buffer)
  const kernel = kernelOn(memory, module)
  return { kernel, plan, i32, f64, gradients: gradientsOf(kernel, plan, i32, f64) }
}

/** Does one part of the step whose number is in memory. */
export function perform(work: Work, part: number, parts: number): void {
  const { i32, f64, plan } = work
  const words = fixed.command >> 2
  switch (i32[words]) {
    case steps.gradients: {
      const at = fixed.numbers >> 3
      work.gradients.fill(...slice(plan.stride, part, parts), part, f64[at] as number, f64[at + 1] as number)
      break
    }
    case steps.largest:
      work.gradients.largest(...slice(plan.rows, part, parts), (fixed.answers + part * fixed.answerBytes) >> 3, part)
      break
    case steps.raise:
      raise(work, part, parts)
      break
    case steps.part:
      partRows(work, part, parts)
      break
    case steps.place:
      placeRows(work, part, parts)
      break
    case steps.partAndCount:
      count(work, part, parts, ...partRows(work, part, parts))
      break
    case steps.placeAndLook:
      placeRows(work, part, parts)
      lookSplit(work, part, parts)
      break
    case steps.count: {
      const [from, to] = slice(plan.rows, part, parts)
      count(work, part, parts, plan.order + from * 4, to - from)
      break
    }
    case steps.gather:
      gather(work, part, parts)
      break
    case steps.look:
      lookRoot(work, part, parts)
      break
  }
}

/** A part's share of so many, its borders even. */
function slice(count: number, part: number, parts: number): [number, number] {
  const border = (t: number) => (t === parts ? count : Math.floor((count * t) / parts) & ~1)
  return [border(part), border(part + 1)]
}

/** Every row is in one bin of every bundle, so any bundle's bins add up to the node's sums. */
function lookRoot(work: Work, part: number, parts: number): void {
  const { plan, kernel } = work
  kernel.total(plan.slots, ((plan.offsets[1] as number) - (plan.offsets[0] as number)) / 16, plan.nodes)
  look(work, part, parts, plan.slots, 0, 0)
}

function lookSplit(work: Work, part: number, parts: number): void {
  const { plan, kernel } = work
  const word = wordsOf(work)
  const [parent, child, smallerLeft, looks] = [word('parent'), word('child'), word('smallerLeft') === 1, word('look')]
  gather(work, part, parts)
  const cuts = parts === 1 ? [0, plan.bundles] : plan.bundleCuts
  const [a, b] = [plan.offsets[cuts[part] as number] as number, plan.offsets[cuts[part + 1] as number] as number]
  kernel.subtract(parent + a, child + a, b - a)
  if (looks & 1) look(work, part, parts, smallerLeft ? child : parent, word('leftNode'), 0)
  if (looks & 2) look(work, part, parts, smallerLeft ? parent : child, word('rightNode'), 1)
}

function wordsOf({ i32 }: Work): (name: keyof typeof splitWords) => number {
  const words = fixed.command >> 2
  return (name) => i32[words + splitWords[name]] as number
}

/** Parts one part of a node's rows, in place where there is but one part; where those of the smaller child are then, and how many. */
function partRows(work: Work, part: number, parts: number): [number, number] {
  const { plan, kernel, i32 } = work
  const word = wordsOf(work)
  const at = plan.order + word('begin') * 4
  const smallerLeft = word('smallerLeft') === 1
  if (parts === 1) {
    const lefts = kernel.part(at, word('count'), word('bins'), plan.table, at, plan.right)
    const rights = word('count') - lefts
    kernel.copy(at + lefts * 4, plan.right, rights * 4)
    return smallerLeft ? [at, lefts] : [at + lefts * 4, rights]
  }
  const [from, to] = slice(word('count'), part, parts)
  const lefts = kernel.part(at + from * 4, to - from, word('bins'), plan.table, plan.left + from * 4, plan.right + from * 4)
  i32[leftsOf(part)] = lefts
  return smallerLeft ? [plan.left + from * 4, lefts] : [plan.right + from * 4, to - from - lefts]
}

/** Where a part tells how many of its rows went left, behind its answers. */
function leftsOf(part: number): number {
  return (fixed.answers + part * fixed.answerBytes + 96) >> 2
}

/** Brings the parts of `partRows` together. */
function placeRows(work: Work, part: number, parts: number): void {
  if (parts === 1) return
  const { plan, kernel, i32 } = work
  const word = wordsOf(work)
  const [from, to] = slice(word('count'), part, parts)
  let left = word('begin')
  let right = left
  for (let other = 0; other < parts; other++) {
    const lefts = i32[leftsOf(other)] as number
    const [a, b] = slice(word('count'), other, parts)
    right += lefts
    if (other >= part) continue
    left += lefts
    right += b - a - lefts
  }
  const lefts = i32[leftsOf(part)] as number
  kernel.copy(plan.order + left * 4, plan.left + from * 4, lefts * 4)
  kernel.copy(plan.order + right * 4, plan.right + from * 4, (to - from - lefts) * 4)
}

/** The histogram of some rows: at `target` where there is but one part, else of each part in its own. */
function count({ plan, kernel, i32 }: Work, part: number, parts: number, begin: number, size: number): void {
  const words = fixed.command >> 2
  const gh = i32[words + splitWords.gh] as number
  const slot = parts === 1 ? (i32[words + splitWords.target] as number) : plan.own + part * plan.slotBytes
  kernel.fill(slot, plan.slotBytes)
  const one = 1n << BigInt(i32[fixed.shift >> 2] as number)
  const { bundles, offsets } = plan
  const unused = slot + (offsets[bundles] as number)
  const at = (bundle: number) => slot + (offsets[bundle] as number)
  // A block of rows at a time, so that the second group finds its gradients in the cache.
  for (let done = 0; done < size; done += block) {
    const some = Math.min(block, size - done)
    const rows = begin + done * 4
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

/** Adds up what the parts have counted, each a range of bundles. */
function gather(work: Work, part: number, parts: number): void {
  if (parts === 1) return
  const { plan, kernel } = work
  const target = wordsOf(work)('target')
  const from = plan.offsets[plan.bundleCuts[part] as number] as number
  const bytes = (plan.offsets[plan.bundleCuts[part + 1] as number] as number) - from
  kernel.copy(target + from, plan.own + from, bytes)
  for (let other = 1; other < parts; other++) kernel.add(target + from, plan.own + other * plan.slotBytes + from, bytes)
}

/** The best split of a node by the features of one part. */
function look({ plan, kernel, f64 }: Work, part: number, parts: number, slot: number, node: number, side: 0 | 1): void {
  const cuts = parts === 1 ? [0, plan.features] : plan.recordCuts
  const out = fixed.answers + part * fixed.answerBytes + side * 48
  f64[out >> 3] = -1
  const [from, to] = [plan.records + (cuts[part] as number) * 32, plan.records + (cuts[part + 1] as number) * 32]
  kernel.best(slot, from, to, plan.active + side * plan.features, plan.nodes + node * 16, plan.scratch + part * plan.scratchBytes, out)
}

/** Adds a finished tree's values to the scores of its leaves' rows. Words: leaves, scores. */
function raise({ plan, kernel, i32, f64 }: Work, part: number, parts: number): void {
  const [leaves, scores] = [i32[(fixed.command >> 2) + 1] as number, i32[(fixed.command >> 2) + 2] as number]
  const [from, to] = slice(plan.rows, part, parts)
  for (let leaf = 0; leaf < leaves; leaf++) {
    const at = plan.leaves + leaf * 16
    const begin = i32[at >> 2] as number
    const count = i32[(at >> 2) + 1] as number
    const [a, b] = [Math.max(begin, from), Math.min(begin + count, to)]
    if (a < b) kernel.raise(plan.order + a * 4, b - a, scores, f64[(at >> 3) + 1] as number)
  }
}
