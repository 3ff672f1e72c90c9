/** Limits of trees: what growing keeps itself, and what is made of grown trees afterwards. */
import { fail } from '../../core/errors.ts'
import { prune, truncate } from '../prune/index.ts'
import type { Tree } from '../tree.ts'
import { type AnyParams, rowsMeant } from './params.ts'

export interface TreeLimits {
  readonly maxDepth: number | null
  readonly minSamplesSplit: number
  readonly minImpurityDecrease: number
  readonly maxLeafNodes: number | null
  readonly ccpAlpha: number
}

export function limitsOf(params: AnyParams, rows: number): TreeLimits {
  const { maxDepth, minImpurityDecrease, maxLeafNodes, ccpAlpha } = params
  return { maxDepth, minSamplesSplit: rowsMeant(params.minSamplesSplit, rows), minImpurityDecrease, maxLeafNodes, ccpAlpha }
}

/** The tree under limits that growing may not have kept yet. Keeping them twice changes nothing. */
export function shaped(tree: Tree, limits: TreeLimits): Tree {
  const cut = isLimited(limits) ? truncate(tree, { ...limits, totalWeight: tree.weight[0] as number }) : tree
  return limits.ccpAlpha > 0 ? prune(cut, limits.ccpAlpha) : cut
}

/** The parameters whose trees hold those of all members: the most trees, the deepest, the least limited. */
export function widestOf<P extends AnyParams>(members: readonly P[], rows: number): P {
  const [first] = members
  if (first === undefined) throw fail('INTERNAL', 'a family without members')
  // Not Math.max(...): a family may have more members than a call may have arguments.
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b))
  const largest = (values: readonly (number | null)[]) => (values.includes(null) ? null : most(values as number[]))
  return {
    ...first,
    ...(first.nEstimators !== undefined && { nEstimators: most(members.map(({ nEstimators }) => nEstimators ?? 1)) }),
    maxDepth: largest(members.map(({ maxDepth }) => maxDepth)),
    minSamplesSplit: members.map(({ minSamplesSplit }) => rowsMeant(minSamplesSplit, rows)).reduce((a, b) => Math.min(a, b)),
    minImpurityDecrease: 0,
    maxLeafNodes: null,
    ccpAlpha: 0,
  }
}

/** A node of fewer than two rows is a leaf without being told. */
function isLimited({ maxDepth, minSamplesSplit, minImpurityDecrease, maxLeafNodes }: TreeLimits): boolean {
  return maxDepth !== null || minSamplesSplit > 2 || minImpurityDecrease > 0 || maxLeafNodes !== null
}
