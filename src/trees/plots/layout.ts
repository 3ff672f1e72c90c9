/**
 * Where the nodes of a drawn tree stand: subtrees as close as their outlines allow, every parent above the middle of its children.
 *
 * Source: Reingold and Tilford, Tidier drawings of trees (1981).
 */
import type { Tree } from '../tree.ts'

export interface Placed {
  readonly node: number
  readonly depth: number
  /** The middle, from the left edge of the whole. */
  readonly x: number
  /** Has children in the tree, but not in the drawing. */
  readonly cut: boolean
  readonly parent: number | undefined
  readonly yes: boolean
}

/** @param apart from the middle of one node to that of the next on the same level, at least */
export function layout(tree: Tree, maxDepth: number, apart: number): { placed: Placed[]; left: number; right: number; depth: number } {
  const shown = shownOf(tree, maxDepth)
  // Of every subtree: how far its children's middles are from its own, and its outline, level by level, from its middle.
  const reach = new Map<number, number>()
  const outlines = new Map<number, { left: number[]; right: number[] }>()
  for (const { node, leaf } of shown.toReversed()) {
    if (leaf) {
      outlines.set(node, { left: [0], right: [0] })
      continue
    }
    const children = [node + 1, tree.right[node] as number] as const
    const [yes, no] = children.map((child) => outlines.get(child)) as [
      { left: number[]; right: number[] },
      { left: number[]; right: number[] },
    ]
    let between = apart
    for (let level = 0; level < Math.min(yes.right.length, no.left.length); level++)
      between = Math.max(between, (yes.right[level] as number) - (no.left[level] as number) + apart)
    const half = between / 2
    const levels = Math.max(yes.left.length, no.left.length)
    const outline = (side: 'left' | 'right', pick: (a: number, b: number) => number) =>
      Array.from({ length: levels }, (_, level) => {
        const [a, b] = [yes[side][level], no[side][level]]
        return a === undefined ? (b as number) + half : b === undefined ? a - half : pick(a - half, b + half)
      })
    reach.set(node, half)
    outlines.set(node, { left: [0, ...outline('left', Math.min)], right: [0, ...outline('right', Math.max)] })
    for (const child of children) outlines.delete(child)
  }
  const whole = outlines.get(0) as { left: number[]; right: number[] }
  const [left, right] = [Math.min(...whole.left), Math.max(...whole.right)]
  const middles = new Map<number, number>([[0, -left]])
  const placed = shown.map(({ node, depth, leaf, parent, yes }) => {
    const x = parent === undefined ? -left : (middles.get(parent) as number) + (yes ? -1 : 1) * (reach.get(parent) as number)
    middles.set(node, x)
    return { node, depth, x, cut: leaf && (tree.feature[node] as number) >= 0, parent, yes }
  })
  return { placed, left: 0, right: right - left, depth: whole.left.length - 1 }
}

/** The nodes down to a depth, parents before children. */
function shownOf(tree: Tree, maxDepth: number) {
  const shown: { node: number; depth: number; leaf: boolean; parent: number | undefined; yes: boolean }[] = []
  const open: { node: number; depth: number; parent: number | undefined; yes: boolean }[] = [
    { node: 0, depth: 0, parent: undefined, yes: false },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next
    const leaf = (tree.feature[node] as number) < 0 || depth >= maxDepth
    shown.push({ ...next, leaf })
    if (leaf) continue
    open.push({ node: tree.right[node] as number, depth: depth + 1, parent: node, yes: false })
    open.push({ node: node + 1, depth: depth + 1, parent: node, yes: true })
  }
  return shown
}
