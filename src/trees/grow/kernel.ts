/** What growing asks of a kernel: the arithmetic of one criterion family over the rows of a node. */
import type { TreeBuilder } from './builder.ts'
import type { RankLists } from './lists.ts'
import type { Ranked } from './ranks.ts'

/** The best split found of a node so far. */
export interface Best {
  /** The larger the better; only comparable within a node. */
  score: number
  /** -1: none. */
  feature: number
  /** The last rank that goes left, and the next one that the node has: the threshold lies between them. */
  rank: number
  nextRank: number
  missingLeft: boolean
  /** Whether the node had missing values of the feature, so that `missingLeft` was learned. */
  missingSeen: boolean
  /** A threshold that was drawn; NaN where it is to lie half way. */
  threshold: number
  /** Categories that go left, of a categorical feature. */
  set: Uint32Array | undefined
  /** With a set: categories that the node has no rows of. They go where missing values go. */
  unseen: Uint32Array | undefined
}

export function noBest(): Best {
  // A fraction first, so that the engine keeps these as doubles from the start.
  return {
    score: 0.5,
    feature: -1,
    rank: 0,
    nextRank: 0,
    missingLeft: false,
    missingSeen: false,
    threshold: Number.NaN,
    set: undefined,
    unseen: undefined,
  }
}

export function take(
  best: Best,
  feature: number,
  score: number,
  rank: number,
  nextRank: number,
  missingLeft: boolean,
  missingSeen: boolean,
  threshold = Number.NaN,
): void {
  best.feature = feature
  best.score = score
  best.rank = rank
  best.nextRank = nextRank
  best.missingLeft = missingLeft
  best.missingSeen = missingSeen
  best.threshold = threshold
  best.set = undefined
}

/**
 * A threshold drawn between the least and the largest value of a node, by 32 bits of chance, and the last rank not above it. Where all
 * values are the same and some are missing, it parts those.
 */
export function drawThreshold(
  { values, valuesAt, distinct }: Ranked,
  { ranks, span }: RankLists,
  feature: number,
  count: number,
  bits: number,
) {
  const absent = distinct[feature] as number
  const at = valuesAt[feature] as number
  const from = span[0] as number
  let to = span[1] as number
  if (to === absent) {
    to = -1
    for (let i = 0; i < count; i++) if ((ranks[i] as number) > to && ranks[i] !== absent) to = ranks[i] as number
  }
  if (to <= from) return { rank: from, nextRank: absent, threshold: Number.POSITIVE_INFINITY }
  const least = values[at + from] as number
  const most = values[at + to] as number
  const drawn = Math.fround(least + (bits / 4294967296) * (most - least))
  const threshold = drawn >= least && drawn < most ? drawn : least
  let low = from
  let high = to
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((values[at + middle] as number) <= threshold) low = middle
    else high = middle
  }
  return { rank: low, nextRank: high, threshold }
}

export interface KernelLimits {
  /** Least rows and least weight of a child. */
  readonly minRows: number
  readonly minWeight: number
}

export interface Kernel {
  readonly best: Best
  /** Numbers of a node's value. */
  readonly width: number
  /** Takes the rows of a tree: as often as `times` says (all once where undefined), with their weights. Gives how many there are. */
  load(times: Int32Array | undefined, weights: Float64Array | undefined): number
  /** Begins a node: writes what it is to the builder; true where its rows are all alike. */
  enter(start: number, end: number, builder: TreeBuilder, node: number): boolean
  /** Looks for a better split by a feature; false where the feature is constant here. */
  search(feature: number, start: number, end: number): boolean
  /** The same with one threshold drawn at random: extra trees. */
  searchAt(feature: number, start: number, end: number, bits: number): boolean
  /** Whether the best split cannot be bettered. */
  perfect(): boolean
  /** Copies what a node's rows have of these features side by side, for all nodes below it: they then lie close together. */
  narrow(start: number, end: number, isConstant: Uint8Array): void
  /** Back to the columns of all rows, when those nodes are done with. */
  widen(): void
  /** Reorders the node's rows by the best split, stably; gives where the right ones begin. */
  split(start: number, end: number): number
}

/** Whether a rank goes left by a split; `absent` is that of missing values. */
export function goesLeftByRank({ rank, set, missingLeft }: Best, of: number, absent: number): boolean {
  if (of === absent) return missingLeft
  return set === undefined ? of <= rank : (((set[of >> 5] as number) >>> (of & 31)) & 1) === 1
}
