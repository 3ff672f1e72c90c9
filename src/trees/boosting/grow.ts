/** Grows one tree: the leaf with the largest gain is split next, until there are leaves enough. */

import { flatten, type Grown, type Knot } from './flatten.ts'
import { fixed } from './kernel/places.ts'
import { splitWords } from './kernel/work.ts'
import { type Bounds, type Cut, ledOf } from './led.ts'
import { queueOf } from './queue.ts'
import type { Bench, Column } from './workbench.ts'

export interface GrowOptions {
  readonly learningRate: number
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly minRows: number
  readonly l2: number
  /** -1, 0 or 1 for each feature; undefined where none is constrained. */
  readonly monotonic: Int8Array | undefined
  /** Sets of features that may meet on a path; undefined: all. */
  readonly groups: readonly ReadonlySet<number>[] | undefined
  /** Which features a node may split by, drawn anew for each; undefined: all. */
  readonly drawn: ((node: number) => Uint8Array) | undefined
}

/** A node while its tree grows. */
interface Leaf extends Knot {
  readonly depth: number
  /** Bytes from the memory's beginning of its histogram; 0 where it has none. */
  slot: number
  cut: Cut | undefined
  /** Its place among the rows only watched. */
  readonly watchedBegin: number
  readonly watchedCount: number
  bounds: Bounds
  readonly groups: readonly ReadonlySet<number>[] | undefined
}

const free: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]

export function growerOf(bench: Bench, options: GrowOptions): (column: number, unitG: number, unitH: number) => Grown {
  const { plan, team, columns } = bench
  const { kernel, i32, f64 } = team.work
  const { maxLeaves, maxDepth, minRows, l2, monotonic } = options
  const words = fixed.command >> 2
  const bytes = new Uint8Array(i32.buffer)
  const led = ledOf(bench, options)
  const high = (i32[fixed.shift >> 2] as number) - 32
  const slots: number[] = []
  const masks = [0, 1].map((side) => bytes.subarray(plan.active + side * plan.features, plan.active + (side + 1) * plan.features)) as [
    Uint8Array,
    Uint8Array,
  ]
  const mostSlots = Math.floor((plan.nodes - plan.slots) / plan.slotBytes)

  return (column, unitG, unitH) => {
    f64[fixed.gradientUnit >> 3] = unitG
    f64[fixed.hessianUnit >> 3] = unitH
    slots.length = 0
    for (let k = mostSlots - 1; k >= 1; k--) slots.push(plan.slots + k * plan.slotBytes)
    kernel.copy(plan.order, plan.ascending, plan.stride * 4)
    const knots: Leaf[] = []
    const queue = queueOf<Leaf>(maxLeaves === Number.POSITIVE_INFINITY ? 'last' : 'largest', ({ cut }) => cut?.gain ?? 0)
    const gh = plan.gh + column * plan.stride * 8

    /** The node of some rows, once its sums are in memory. */
    function leaf(place: Omit<Leaf, 'id' | 'sumG' | 'sumH' | 'count' | 'value' | 'left' | 'right' | 'cut'>): Leaf {
      const id = knots.length
      const at = (plan.nodes + id * 16) >> 2
      const top = i32[at + 3] as number
      const sumG = whole(at) * unitG
      const sumH = ((top & ((1 << high) - 1)) * 4294967296 + ((i32[at + 2] as number) >>> 0)) * unitH
      const value = Math.min(Math.max(-sumG / (sumH + l2 + 1e-15), place.bounds[0]), place.bounds[1])
      const made = { ...place, id, count: top >>> high, sumG, sumH, value, left: undefined, right: undefined, cut: undefined }
      knots.push(made)
      return made
    }

    function whole(at: number): number {
      return (i32[at + 1] as number) * 4294967296 + ((i32[at] as number) >>> 0)
    }

    function allow(side: 0 | 1, id: number, groups: Leaf['groups']): void {
      if (!options.drawn && !groups) return
      const mask = masks[side]
      mask.set(options.drawn?.(id) ?? new Uint8Array(plan.features).fill(1))
      if (groups) for (let f = 0; f < mask.length; f++) if (!groups.some((group) => group.has(f))) mask[f] = 0
    }

    /** The best of what the threads have found, and of what this one looks at. */
    function inspect(node: Leaf, side: 0 | 1, parts: number): void {
      let best: Cut | undefined
      let score = -1
      for (let t = 0; t < parts; t++) {
        const at = fixed.answers + t * fixed.answerBytes + side * 48
        const found = f64[at >> 3] as number
        const feature = i32[(at >> 2) + 2] as number
        if (feature < 0 || found < score || (found === score && best && feature > best.feature)) continue
        score = found
        const [record, bin, missingLeft] = [i32[(at >> 2) + 3] as number, i32[(at >> 2) + 4] as number, i32[(at >> 2) + 5] as number]
        best = {
          feature,
          record: (record - plan.records) / 32,
          bin,
          missingLeft: missingLeft === 1,
          lefts: undefined,
          sums: i32.slice((at >> 2) + 8, (at >> 2) + 12),
          gain: 0,
        }
      }
      const own = led.best(node.slot, node, masks[side], score, best?.feature ?? -1)
      if (own) {
        best = own.cut
        score = own.score
      }
      const gain = score + node.sumG * node.value
      // Gains of this size are what rounding leaves of none.
      if (!best || gain <= 1e-12 * Math.abs(score)) {
        slots.push(node.slot)
        node.slot = 0
        return
      }
      node.cut = { ...best, gain }
      queue.push(node)
    }

    const rootSlot = plan.slots
    allow(0, 0, options.groups)
    i32[words + splitWords.gh] = gh
    i32[words + splitWords.target] = rootSlot
    const parts = team.perform('root', plan.rows)
    const root = leaf({
      begin: 0,
      watchedBegin: plan.rows,
      watchedCount: plan.watched,
      depth: 0,
      slot: rootSlot,
      bounds: free,
      groups: options.groups,
    })
    if (maxLeaves > 1 && maxDepth > 0 && root.count >= 2 * minRows) inspect(root, 0, parts)

    let leaves = 1
    while (leaves < maxLeaves) {
      const node = queue.pop()
      if (!node) break
      split(node, node.cut as Cut)
      leaves++
    }
    return flatten(bench, knots, options.learningRate)

    function split(node: Leaf, cut: Cut): void {
      const { bundle, bins: known } = columns[cut.record] as Column
      const left = plan.nodes + knots.length * 16
      i32.set(cut.sums, left >> 2)
      kernel.copy(left + 16, plan.nodes + node.id * 16, 16)
      kernel.subtract(left + 16, left, 16)
      const lefts = (cut.sums[3] as number) >>> high
      const rights = node.count - lefts
      // Where no row had a missing value, those to come go with the most.
      node.cut = known.known ? cut : { ...cut, missingLeft: lefts > rights }
      led.table(node.cut, bytes.subarray(plan.table, plan.table + 256))
      const depth = node.depth + 1
      const deeper = leaves + 1 < maxLeaves && depth < maxDepth
      const looks = (deeper && lefts >= 2 * minRows ? 1 : 0) + (deeper && rights >= 2 * minRows ? 2 : 0)
      const smallerLeft = lefts <= rights
      const bins = plan.bins + (bundle & ~3) * plan.stride + (bundle & 3)
      const groups = node.groups?.filter((group) => group.has(cut.feature))
      const child = looks > 0 ? (slots.pop() as number) : 0
      if (looks & 1) allow(0, knots.length, groups)
      if (looks & 2) allow(1, knots.length + 1, groups)
      i32[words + splitWords.begin] = node.begin
      i32[words + splitWords.count] = node.count
      i32[words + splitWords.lefts] = lefts
      i32[words + splitWords.bins] = bins
      i32[words + splitWords.parent] = node.slot
      i32[words + splitWords.child] = child
      i32[words + splitWords.smallerLeft] = smallerLeft ? 1 : 0
      i32[words + splitWords.look] = looks
      i32[words + splitWords.leftNode] = knots.length
      i32[words + splitWords.rightNode] = knots.length + 1
      i32[words + splitWords.gh] = gh
      i32[words + splitWords.target] = child
      const parts = team.perform(looks > 0 ? 'split' : 'part', node.count)
      let watchedLefts = 0
      if (node.watchedCount > 0) {
        const at = plan.order + node.watchedBegin * 4
        watchedLefts = kernel.part(at, node.watchedCount, bins, plan.table, at, plan.right)
        kernel.copy(at + watchedLefts * 4, plan.right, (node.watchedCount - watchedLefts) * 4)
      }
      const slotOf = (isLeft: boolean) => (looks === 0 ? 0 : isLeft === smallerLeft ? child : node.slot)
      const a = leaf({
        begin: node.begin,
        watchedBegin: node.watchedBegin,
        watchedCount: watchedLefts,
        depth,
        slot: slotOf(true),
        bounds: node.bounds,
        groups,
      })
      const b = leaf({
        begin: node.begin + lefts,
        watchedBegin: node.watchedBegin + watchedLefts,
        watchedCount: node.watchedCount - watchedLefts,
        depth,
        slot: slotOf(false),
        bounds: node.bounds,
        groups,
      })
      node.left = a
      node.right = b
      const direction = monotonic?.[cut.feature] ?? 0
      if (direction !== 0) {
        const middle = (a.value + b.value) / 2
        const [below, above] = [[node.bounds[0], middle] as const, [middle, node.bounds[1]] as const]
        a.bounds = direction > 0 ? below : above
        b.bounds = direction > 0 ? above : below
      }
      if (looks === 0) slots.push(node.slot)
      // The larger first, so that a queue that takes the last takes the smaller.
      for (const [part, bit, side] of smallerLeft
        ? ([
            [b, 2, 1],
            [a, 1, 0],
          ] as const)
        : ([
            [a, 1, 0],
            [b, 2, 1],
          ] as const)) {
        if (looks & bit) inspect(part, side, parts)
        else if (looks > 0) slots.push(part.slot)
      }
    }
  }
}
