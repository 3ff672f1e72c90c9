/**
 * The family of a forest: how many trees is a prefix, tighter limits are truncations, and all prunings lie on one path, of the same
 * trees. So the widest forest holds every other one.
 */

import type { Table } from '../../data/index.ts'
import { type Examples, examplesOf, type Family, type Predictor } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { prefixOutputs } from '../predict/index.ts'
import { prunings, truncate } from '../prune/index.ts'
import type { Tree } from '../tree.ts'
import type { TreeLimits } from './limits.ts'
import { type AnyParams, defaults, type Kind } from './params.ts'

const axes = ['nEstimators', 'maxDepth', 'minSamplesSplit', 'minImpurityDecrease', 'maxLeafNodes', 'ccpAlpha'] as const

/** Parameters that members of one family may differ in. */
export function familyAxes(kind: Kind): readonly string[] {
  return axes.filter((name) => name in defaults[kind])
}

export interface FamilyParts<P extends AnyParams> {
  readonly members: readonly P[]
  /** Trees under the widest limits, as many as the largest member has. */
  readonly grown: readonly Tree[]
  limitsOf(member: P): TreeLimits
  ensembleOf(member: P, trees: readonly Tree[]): Ensemble
  predictorOf(member: P): Predictor
}

/** Outputs of all members that are kept at a time, in bytes; above, they are made one by one. */
const mostKept = 256 * 2 ** 20

export function familyOf<P extends AnyParams>({ members, grown, limitsOf, ensembleOf, predictorOf }: FamilyParts<P>): Family {
  return {
    size: members.length,
    member: (index) => predictorOf(members[index] as P),
    *outputs(data: Table | Examples) {
      const examples = examplesOf(data)
      const { width } = ensembleOf(members[0] as P, grown)
      if (members.length * examples.rows * width * 8 > mostKept) {
        for (const member of members) yield predictorOf(member).outputs(examples)
        return
      }
      const made: Float64Array[] = new Array(members.length)
      for (const alike of groups(members, limitsOf)) together(alike, examples, made)
      yield* made
    },
  }

  /** Members that differ in pruning and number of trees only: each tree is cut once, and its prunings come from one path. */
  function together(alike: readonly number[], examples: Examples, made: Float64Array[]): void {
    const [first] = alike
    const limits = limitsOf(members[first as number] as P)
    const treesOf = (index: number) => members[index]?.nEstimators ?? 1
    const most = alike.map(treesOf).reduce((a, b) => Math.max(a, b))
    const alphas = [...new Set(alike.map((index) => limitsOf(members[index] as P).ccpAlpha))].sort((a, b) => a - b)
    const variants: Tree[][] = alphas.map(() => [])
    for (const tree of grown.slice(0, most)) {
      const cut = truncate(tree, { ...limits, totalWeight: tree.weight[0] as number })
      const positive = alphas.filter((alpha) => alpha > 0)
      const pruned = positive.length > 0 ? prunings(cut, positive) : []
      for (const [a, alpha] of alphas.entries()) variants[a]?.push(alpha > 0 ? (pruned[positive.indexOf(alpha)] as Tree) : cut)
    }
    alphas.forEach((alpha, a) => {
      const trees = variants[a] as Tree[]
      const wanted = alike.filter((index) => limitsOf(members[index] as P).ccpAlpha === alpha)
      const prefixes = [...new Set(wanted.map(treesOf))].sort((a, b) => a - b)
      const ensemble = ensembleOf(members[wanted[0] as number] as P, trees)
      const outputs = [...prefixOutputs(ensemble, prefixes, examples)]
      for (const index of wanted) made[index] = outputs[prefixes.indexOf(treesOf(index))] as Float64Array
    })
  }
}

/** Numbers of members whose trees are cut alike. */
function groups<P extends AnyParams>(members: readonly P[], limitsOf: (member: P) => TreeLimits): number[][] {
  const found = new Map<string, number[]>()
  members.forEach((member, index) => {
    const { ccpAlpha: _, ...limits } = limitsOf(member)
    const key = JSON.stringify(limits)
    const alike = found.get(key)
    if (alike) alike.push(index)
    else found.set(key, [index])
  })
  return [...found.values()]
}
