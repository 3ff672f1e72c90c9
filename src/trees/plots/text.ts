/** A tree as text, for terminals and logs. */
import type { Tree } from '../tree.ts'
import { type Meaning, missingOf, rowsOf, ruleOf, standsFor } from './words.ts'

export interface TreeTextOptions {
  /** Levels of questions that are shown; default 10. What is below is counted. */
  readonly maxDepth?: number
  /** Whether to say where missing values go. Default false. */
  readonly missing?: boolean
}

/**
 * The questions of a tree and what its leaves stand for, a line each.
 *
 * @example
 * ```ts
 * treeText(ensemble.trees[0]!, ensemble)
 * // petal width ≤ 0.8
 * // ├─ yes: setosa (100 %), 50 rows
 * // └─ no: petal width ≤ 1.75
 * //    ├─ yes: versicolor (90.7 %), 54 rows
 * //    └─ no: virginica (97.8 %), 46 rows
 * ```
 */
export function treeText(tree: Tree, meaning: Meaning, { maxDepth = 10, missing = false }: TreeTextOptions = {}): string {
  const lines: string[] = []
  const ends = endsOf(tree)
  const open = [{ node: 0, depth: 0, before: '', branch: '', after: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth, before, branch, after } = next
    const leaf = (tree.feature[node] as number) < 0
    if (leaf) lines.push(`${before}${branch}${[standsFor(tree, node, meaning), rowsOf(tree, node)].filter(Boolean).join(', ')}`)
    else if (depth >= maxDepth) lines.push(`${before}${branch}… ${(ends[node] as number) - node} nodes more`)
    else {
      lines.push(`${before}${branch}${ruleOf(tree, node, meaning)}${missing ? ` (${missingOf(tree, node)})` : ''}`)
      const inside = `${before}${after}`
      open.push({ node: tree.right[node] as number, depth: depth + 1, before: inside, branch: '└─ no: ', after: '   ' })
      open.push({ node: node + 1, depth: depth + 1, before: inside, branch: '├─ yes: ', after: '│  ' })
    }
  }
  return lines.join('\n')
}

/** Where each subtree ends: the first node after it. */
export function endsOf({ nodes, feature, right }: Tree): Int32Array {
  const ends = new Int32Array(nodes)
  for (let node = nodes - 1; node >= 0; node--)
    ends[node] = (feature[node] as number) < 0 ? node + 1 : (ends[right[node] as number] as number)
  return ends
}
