import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prune, pruningPath, prunings, truncate } from '../../../src/trees/prune/index.ts'
import { leafOf, type Tree } from '../../../src/trees/tree.ts'
import fc from '../../laws.ts'
import { digits } from './digits.ts'
import { categories, randomRows, randomTree } from './randomTree.ts'
import { innerNodes, slowPath, slowTruncated } from './slow.ts'

const shapes = fc.record({
  seed: fc.nat(1e6),
  rows: fc.integer({ min: 1, max: 60 }),
  width: fc.constantFrom(1, 3),
  categorical: fc.constantFrom(0, 0.4),
  precision: fc.constantFrom(Float32Array, Float64Array),
})
const trees = shapes.map(randomTree)

test('the pruning path of a tree is that of scikit-learn, to the bit', () => {
  const { ccpAlphas, impurities } = pruningPath(digits.tree)
  assert.deepEqual([...ccpAlphas], digits.ccpAlphas)
  assert.deepEqual([...impurities], digits.impurities)
  for (const [ccpAlpha, nodes] of digits.nodesAt) assert.equal(prune(digits.tree, ccpAlpha).nodes, nodes, `at ${ccpAlpha}`)
})

test('pruning finds the same weakest links as looking at all nodes in each step', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const slow = slowPath(tree)
      const path = pruningPath(tree)
      assert.deepEqual([...path.ccpAlphas], slow.alphas)
      assert.deepEqual([...path.impurities], slow.impurities)
      const wanted = [...slow.alphas.map((alpha) => Math.max(alpha, 1e-15)), 0.01, 1e9]
      const slowAt = (alpha: number): Tree => {
        const past = slow.alphas.findIndex((step) => step > alpha)
        return slow.trees[past < 0 ? slow.trees.length - 1 : past - 1] as Tree
      }
      assert.deepEqual(prunings(tree, wanted), wanted.map(slowAt))
    }),
    { numRuns: 150 },
  )
})

test('one pruning is a member of many, and a larger alpha leaves a smaller tree', () => {
  fc.assert(
    fc.property(trees, fc.array(fc.double({ min: 0, max: 0.1, noNaN: true }), { maxLength: 8 }), (tree, alphas) => {
      const many = prunings(tree, alphas)
      alphas.forEach((alpha, k) => {
        assert.deepEqual(prune(tree, alpha), many[k])
        alphas.forEach((other, j) => {
          if (alpha <= other) assert.ok((many[k] as Tree).nodes >= (many[j] as Tree).nodes)
        })
      })
    }),
  )
})

test('what is not cut is the same object', () => {
  const tree = randomTree({ seed: 3, rows: 40, categorical: 0.5 })
  assert.equal(prune(tree, 0), tree)
  assert.equal(truncate(tree, { totalWeight: 40 }), tree)
  assert.equal(truncate(tree, { maxDepth: null, minSamplesSplit: 2, maxLeafNodes: 1000, minImpurityDecrease: 0, totalWeight: 40 }), tree)
  const [first, second] = prunings(tree, [1e6, 1e7])
  assert.equal(first, second)
  assert.equal(first?.nodes, 1)
})

test('a tree whose rows weigh nothing is not pruned', () => {
  const tree = randomTree({ seed: 3, rows: 20 })
  const weightless = { ...tree, weight: new Float64Array(tree.nodes) }
  assert.equal(prune(weightless, 0.5), weightless)
})

test('truncation keeps the limits as growing does', () => {
  const limits = fc.record({
    maxDepth: fc.constantFrom(null, 0, 1, 3, 6),
    minSamplesSplit: fc.constantFrom(null, 2, 5, 20),
    minImpurityDecrease: fc.constantFrom(null, 0, 0.01, 0.05),
    maxLeafNodes: fc.constantFrom(null, 2, 3, 8, 20),
  })
  fc.assert(
    fc.property(trees, limits, (tree, limits) => {
      const all = { ...limits, totalWeight: tree.weight[0] as number }
      assert.deepEqual(truncate(tree, all), slowTruncated(tree, all))
    }),
    { numRuns: 300 },
  )
})

test('a decrease that equals the least one asked for is kept, a smaller one is not', () => {
  const tree: Tree = { ...stump, impurity: Float64Array.of(0.5, 0.25, 0.25) }
  assert.equal(truncate(tree, { minImpurityDecrease: 0.25, totalWeight: 4 }).nodes, 3)
  assert.equal(truncate(tree, { minImpurityDecrease: 0.25 + 2 ** -53, totalWeight: 4 }).nodes, 3)
  assert.equal(truncate(tree, { minImpurityDecrease: 0.25 + 2 ** -50, totalWeight: 4 }).nodes, 1)
  assert.equal(truncate(tree, { minImpurityDecrease: 0.25, totalWeight: 8 }).nodes, 1)
})

test('rows reach in a smaller tree the node above the one they reached, on the same side of every set', () => {
  fc.assert(
    fc.property(shapes, fc.nat(1e6), (shape, seed) => {
      const tree = randomTree({ ...shape, categorical: 0.6 })
      const cut = truncate(tree, { maxDepth: 3, totalWeight: 1 })
      const x = randomRows(seed, 20, 4)
      for (let row = 0; row < 20; row++) {
        const leaf = leafOf(tree, x, row * 4)
        const node = leafOf(cut, x, row * 4)
        const above = [...innerNodes(tree), leaf].filter((k) => k <= leaf && leaf < endOf(tree, k))[
          Math.min(3, depthOfNode(tree, leaf))
        ] as number
        assert.deepEqual(
          cut.value.subarray(node * cut.width, (node + 1) * cut.width),
          tree.value.subarray(above * tree.width, (above + 1) * tree.width),
        )
      }
    }),
  )
})

const stump: Tree = {
  nodes: 3,
  width: 1,
  feature: Int32Array.of(0, -1, -1),
  threshold: new Float32Array(3),
  right: Int32Array.of(2, -1, -1),
  missingLeft: new Uint8Array(3),
  setAt: undefined,
  sets: undefined,
  value: new Float64Array(3),
  impurity: new Float64Array(3),
  samples: Int32Array.of(4, 2, 2),
  weight: Float64Array.of(4, 2, 2),
}

/** One past the last node of a subtree. */
function endOf(tree: Tree, node: number): number {
  return (tree.feature[node] as number) < 0 ? node + 1 : endOf(tree, tree.right[node] as number)
}

function depthOfNode(tree: Tree, node: number): number {
  return innerNodes(tree).filter((k) => k < node && node < endOf(tree, k)).length
}

test('the trees of these tests do split by categories that sets cannot hold', () => {
  const tree = randomTree({ seed: 1, rows: 60, categorical: 0.5 })
  assert.ok(tree.setAt?.some((at) => at >= 0 && (tree.sets?.[at] as number) * 32 < categories))
})
