/**
 * Grows one tree, depth first. What a node becomes depends on its rows and its path only: features are drawn by the node's own
 * key, and so a tree with a smaller limit is this tree cut off there.
 *
 * As in scikit-learn, features are drawn without replacement until `maxFeatures` were, constant ones included, and on from there
 * until one was not constant; features known to be constant at an ancestor are drawn but not looked at again.
 */
import type { Tree } from '../tree.ts'
import { addNode, finishTree, type TreeBuilder } from './builder.ts'
import { below, childHigh, childLow, drawAt } from './chance.ts'
import { narrowRows } from './columns.ts'
import type { Best, Kernel } from './kernel.ts'
import type { Ranked } from './ranks.ts'

export interface GrowLimits {
  readonly maxDepth: number
  /** Rows below which a node is not split. */
  readonly minSamplesSplit: number
  readonly minRows: number
  readonly minWeight: number
  /** Features looked at for each split. */
  readonly maxFeatures: number
  /** Draws one threshold a feature instead of trying all. */
  readonly randomThresholds: boolean
}

/** A node's place in the frame arrays. */
const frame = { start: 0, end: 1, depth: 2, parent: 3, high: 4, low: 5, constants: 6, size: 7 } as const

/** Rows for which copying their columns pays: they are read again at every level below. */
const leastNear = 256

export type Grower = (rows: number, high: number, low: number) => Tree

export function createGrower(ranked: Ranked, kernel: Kernel, builder: TreeBuilder, limits: GrowLimits): Grower {
  const { features } = ranked
  const { best } = kernel
  const order = Int32Array.from({ length: features }, (_, f) => f)
  const swaps = new Int32Array(features)
  const isConstant = new Uint8Array(features)
  const constants = new Int32Array(features)
  const nearRows = narrowRows(ranked)
  let frames = new Int32Array(frame.size * 64)

  return (rows, rootHigh, rootLow) => {
    let top = 0
    let known = 0
    /** Rows up to here are in columns of their own. */
    let nearEnd = 0
    const push = (start: number, end: number, depth: number, parent: number, high: number, low: number, constantsKnown: number) => {
      if ((top + 1) * frame.size > frames.length) {
        const longer = new Int32Array(frames.length * 2)
        longer.set(frames)
        frames = longer
      }
      const at = top++ * frame.size
      frames[at + frame.start] = start
      frames[at + frame.end] = end
      frames[at + frame.depth] = depth
      frames[at + frame.parent] = parent
      frames[at + frame.high] = high
      frames[at + frame.low] = low
      frames[at + frame.constants] = constantsKnown
    }
    push(0, rows, 0, -1, rootHigh, rootLow, 0)
    while (top > 0) {
      const at = --top * frame.size
      const start = frames[at + frame.start] as number
      const end = frames[at + frame.end] as number
      const depth = frames[at + frame.depth] as number
      const parent = frames[at + frame.parent] as number
      const high = frames[at + frame.high] as number
      const low = frames[at + frame.low] as number
      const inherited = frames[at + frame.constants] as number
      while (known > inherited) isConstant[constants[--known] as number] = 0
      const count = end - start
      if (nearEnd > 0 && start >= nearEnd) {
        kernel.widen()
        nearEnd = 0
      }
      const node = addNode(builder, count)
      if (parent >= 0) builder.right[parent] = node
      const pure = kernel.enter(start, end, builder, node)
      const weight = builder.weight[node] as number
      if (pure || depth >= limits.maxDepth || count < limits.minSamplesSplit || count < 2 * limits.minRows || weight < 2 * limits.minWeight)
        continue

      if (nearEnd === 0 && count <= nearRows && count >= leastNear) {
        kernel.narrow(start, end, isConstant)
        nearEnd = end
      }
      let drawn = 0
      let looked = 0
      while (drawn < features && (drawn < limits.maxFeatures || looked === 0)) {
        const place = drawn + below(features - drawn, drawAt(high, low, drawn))
        const feature = order[place] as number
        order[place] = order[drawn] as number
        order[drawn] = feature
        swaps[drawn++] = place
        if (isConstant[feature] === 1) continue
        const varies = limits.randomThresholds
          ? kernel.searchAt(feature, start, end, drawAt(low, high, drawn))
          : kernel.search(feature, start, end)
        if (!varies) {
          isConstant[feature] = 1
          constants[known++] = feature
          continue
        }
        looked++
        if (kernel.perfect()) break
      }
      while (drawn > 0) {
        const place = swaps[--drawn] as number
        const feature = order[drawn] as number
        order[drawn] = order[place] as number
        order[place] = feature
      }
      if (best.feature < 0) continue
      const middle = kernel.split(start, end)
      builder.feature[node] = best.feature
      builder.threshold[node] = best.set ? 0 : thresholdOf(ranked, best)
      // Where nothing was missing, what will be missing goes where most rows went.
      const missingLeft = best.missingSeen ? best.missingLeft : middle - start > end - middle
      builder.missingLeft[node] = missingLeft ? 1 : 0
      const { set, unseen } = best
      if (set && unseen) builder.sets.set(node, missingLeft ? set.map((word, k) => word | (unseen[k] as number)) : set)
      push(middle, end, depth + 1, node, childHigh(high, low, 2), childLow(high, low, 2), known)
      push(start, middle, depth + 1, -1, childHigh(high, low, 1), childLow(high, low, 1), known)
    }
    kernel.widen()
    while (known > 0) isConstant[constants[--known] as number] = 0
    return finishTree(builder)
  }
}

/** Half way between the two values it lies between, and never the upper one; infinite where only missing values lie above. */
function thresholdOf({ values, valuesAt, distinct }: Ranked, { feature, rank, nextRank, threshold }: Best): number {
  if (!Number.isNaN(threshold)) return threshold
  if (nextRank >= (distinct[feature] as number)) return Number.POSITIVE_INFINITY
  const at = valuesAt[feature] as number
  const lower = values[at + rank] as number
  const upper = values[at + nextRank] as number
  const middle = Math.fround(lower / 2 + upper / 2)
  return middle >= lower && middle < upper ? middle : lower
}
