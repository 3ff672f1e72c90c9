/** The grower against the slow and obviously right way: all splits of all features tried by summing anew. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, random } from '../../../src/core/random.ts'
import { type Examples, examplesOf, type Feature } from '../../../src/estimator/index.ts'
import { treeBuilder } from '../../../src/trees/grow/builder.ts'
import { classKernel } from '../../../src/trees/grow/classes.ts'
import { createGrower } from '../../../src/trees/grow/grow.ts'
import type { Kernel } from '../../../src/trees/grow/kernel.ts'
import { ranksOf } from '../../../src/trees/grow/ranks.ts'
import { type ValueCriterion, valueKernel } from '../../../src/trees/grow/values.ts'
import { truncate } from '../../../src/trees/prune/index.ts'
import { goesLeft, leafOf, type Tree } from '../../../src/trees/tree.ts'

interface Made {
  readonly examples: Examples
  readonly weights: Float64Array | undefined
}

/** Few distinct values or many, flags, constants, missing values, categories. */
function make(
  chance: Random,
  rows: number,
  options: { classes: number; categories?: boolean; missing?: boolean; weights?: boolean },
): Made {
  const features: Feature[] = [{ name: 'a' }, { name: 'b' }, { name: 'flag' }, { name: 'constant' }, { name: 'gaps' }]
  if (options.categories) features.push({ name: 'kind', categories: 7 })
  const x = new Float32Array(rows * features.length)
  for (let row = 0; row < rows; row++) {
    const at = row * features.length
    x[at] = chance.normal()
    x[at + 1] = chance.int(6) - 3
    x[at + 2] = chance.int(5) === 0 ? 1 : 0
    x[at + 3] = 4
    x[at + 4] = options.missing && chance.int(4) === 0 ? Number.NaN : chance.int(40) / 8
    if (options.categories) x[at + 5] = chance.int(7)
  }
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const at = row * features.length
    const score =
      (x[at] as number) + (x[at + 1] as number) / 2 + (Number.isNaN(x[at + 4]) ? 1 : (x[at + 4] as number) / 4) + ((x[at + 5] ?? 0) % 3)
    return options.classes > 0 ? Math.abs(Math.round(score + chance.normal() / 2)) % options.classes : Math.abs(score + chance.normal() / 4)
  })
  const weights = options.weights ? Float64Array.from({ length: rows }, () => 0.25 + chance.uniform()) : undefined
  return { examples: examplesOf({ name: 'made', rows, features, x, y, classes: undefined, task: undefined }), weights }
}

const unlimited = { maxDepth: Number.POSITIVE_INFINITY, minSamplesSplit: 2, minRows: 1, minWeight: 0, randomThresholds: false }

function growerFor(
  { examples }: Made,
  kind: { classes: number; entropy?: boolean; criterion?: ValueCriterion },
  limits: Partial<typeof unlimited & { maxFeatures: number }> = {},
  about: (kernel: Kernel) => Kernel = (kernel) => kernel,
) {
  const ranked = ranksOf(examples)
  const all = { ...unlimited, maxFeatures: examples.features.length, ...limits }
  const kernel: Kernel =
    kind.classes > 0
      ? classKernel(ranked, { labels: Int32Array.from(examples.y ?? []), classes: kind.classes, entropy: kind.entropy === true }, all)
      : valueKernel(ranked, { values: examples.y as Float64Array, criterion: kind.criterion ?? 'squaredError' }, all)
  const grow = createGrower(ranked, about(kernel), treeBuilder(Math.max(1, kind.classes), kind.classes === 0), all)
  return (weights: Float64Array | undefined, key = 1) => grow(kernel.load(undefined, weights), key, key * 31)
}

/** Impurity times weight of some rows, from their definition. */
function spread(
  rows: readonly number[],
  { examples, weights }: Made,
  kind: { classes: number; entropy?: boolean; criterion?: ValueCriterion },
): number {
  const w = (row: number) => weights?.[row] ?? 1
  const y = (row: number) => examples.y?.[row] as number
  const all = rows.reduce((sum, row) => sum + w(row), 0)
  if (rows.length === 0) return 0
  if (kind.classes > 0) {
    let impurity = kind.entropy ? 0 : 1
    for (let k = 0; k < kind.classes; k++) {
      const p = rows.reduce((sum, row) => sum + (y(row) === k ? w(row) : 0), 0) / all
      if (kind.entropy) impurity -= p > 0 ? p * Math.log2(p) : 0
      else impurity -= p * p
    }
    return impurity * all
  }
  const mean = rows.reduce((sum, row) => sum + w(row) * y(row), 0) / all
  if (kind.criterion === 'poisson') return rows.reduce((sum, row) => sum + w(row) * (y(row) > 0 ? y(row) * Math.log(y(row) / mean) : 0), 0)
  if (kind.criterion !== 'absoluteError') return rows.reduce((sum, row) => sum + w(row) * (y(row) - mean) ** 2, 0)
  // The least sum over all candidates for a median.
  return Math.min(...rows.map((m) => rows.reduce((sum, row) => sum + w(row) * Math.abs(y(row) - y(m)), 0)))
}

/** Least impurity left after any split of these rows, by any cut of any feature, missing values to either side. */
function bestLeft(rows: readonly number[], made: Made, kind: Parameters<typeof spread>[2], minRows: number): number {
  const { examples } = made
  const width = examples.features.length
  let best = Number.POSITIVE_INFINITY
  examples.features.forEach(({ categories }, f) => {
    if (categories !== undefined) return
    const valueAt = (row: number) => examples.x[row * width + f] as number
    const values = [...new Set(rows.map(valueAt).filter((value) => !Number.isNaN(value)))]
    for (const cut of values) {
      for (const missingLeft of [false, true]) {
        const left = rows.filter((row) => (Number.isNaN(valueAt(row)) ? missingLeft : valueAt(row) <= cut))
        const right = rows.filter((row) => !left.includes(row))
        if (Math.min(left.length, right.length) < Math.max(1, minRows)) continue
        best = Math.min(best, spread(left, made, kind) + spread(right, made, kind))
      }
    }
  })
  return best
}

/** Rows of every node of a tree. */
function rowsOfNodes(tree: Tree, { rows, x, features }: Examples): number[][] {
  const found: number[][] = Array.from({ length: tree.nodes }, () => [])
  for (let row = 0; row < rows; row++) {
    for (let node = 0; ; ) {
      found[node]?.push(row)
      const feature = tree.feature[node] as number
      if (feature < 0) break
      node = goesLeft(tree, node, x[row * features.length + feature] as number) ? node + 1 : (tree.right[node] as number)
    }
  }
  return found
}

const kinds = [
  { name: 'gini', classes: 3 },
  { name: 'entropy', classes: 3, entropy: true },
  { name: 'squaredError', classes: 0 },
  { name: 'poisson', classes: 0, criterion: 'poisson' as const },
  { name: 'absoluteError', classes: 0, criterion: 'absoluteError' as const },
]

for (const kind of kinds)
  test(`${kind.name}: every node is split as well as any split can, and holds what its rows are`, () => {
    for (const [seed, rows, missing, weighted, minRows] of [
      [1, 90, false, false, 1],
      [2, 70, true, false, 1],
      [3, 60, true, true, 1],
      [4, 70, false, false, 5],
    ] as const) {
      const made = make(random(`${kind.name}/${seed}`), rows, { classes: kind.classes, missing, weights: weighted })
      const tree = growerFor(made, kind, { minRows, maxDepth: 4 })(made.weights)
      const nodes = rowsOfNodes(tree, made.examples)
      assert.ok(tree.nodes > 5)
      nodes.forEach((of, node) => {
        const all = of.reduce((sum, row) => sum + (made.weights?.[row] ?? 1), 0)
        assert.equal(tree.samples[node], of.length)
        assert.ok(Math.abs((tree.weight[node] as number) - all) < 1e-9)
        const impurity = spread(of, made, kind) / all
        assert.ok(Math.abs((tree.impurity[node] as number) - impurity) < 1e-9, `node ${node}: ${tree.impurity[node]} is not ${impurity}`)
        if (kind.classes > 0) {
          for (let k = 0; k < kind.classes; k++) {
            const share = of.reduce((sum, row) => sum + (made.examples.y?.[row] === k ? (made.weights?.[row] ?? 1) : 0), 0) / all
            assert.ok(Math.abs((tree.value[node * kind.classes + k] as number) - share) < 1e-6)
          }
        }
        if ((tree.feature[node] as number) < 0) return
        const [l, r] = [nodes[node + 1] as number[], nodes[tree.right[node] as number] as number[]]
        assert.ok(l.length >= minRows && r.length >= minRows)
        const reached = spread(l, made, kind) + spread(r, made, kind)
        const possible = bestLeft(of, made, kind, minRows)
        assert.ok(
          reached <= possible + 1e-9 * (1 + possible),
          `node ${node} of ${of.length} rows leaves ${reached}, and ${possible} is possible`,
        )
      })
    }
  })

test('nodes of all sizes are split alike: by few rows, by lists and by counting', () => {
  // 2,000 rows: the root is counted, its heirs listed, the last ones sorted. A feature of 6 values and one of 2,000.
  const made = make(random(5), 2000, { classes: 3, missing: true })
  const tree = growerFor(made, { classes: 3 })(undefined)
  const nodes = rowsOfNodes(tree, made.examples)
  let checked = 0
  nodes.forEach((of, node) => {
    if ((tree.feature[node] as number) < 0 || of.length > 120) return
    const [l, r] = [nodes[node + 1] as number[], nodes[tree.right[node] as number] as number[]]
    const reached = spread(l, made, { classes: 3 }) + spread(r, made, { classes: 3 })
    assert.ok(reached <= bestLeft(of, made, { classes: 3 }, 1) + 1e-9)
    checked++
  })
  assert.ok(checked > 100)
  for (let row = 0; row < 2000; row++) {
    const leaf = leafOf(tree, made.examples.x, row * made.examples.features.length)
    assert.equal(tree.value[leaf * 3 + (made.examples.y?.[row] as number)], 1, 'rows that differ are told apart to the last')
  }
})

test('a large node whose ranks lie far apart is split as if all of its rows had been sorted', () => {
  const rows = 40_000
  for (const [seed, classes, weighted] of [
    [1, 2, true],
    [2, 3, false],
    [3, 3, true],
  ] as const) {
    const chance = random(`large/${seed}`)
    const x = Float32Array.from({ length: 2 * rows }, () => chance.normal())
    // What is learned hangs on the second feature; seed 2 leaves the first to chance alone.
    const y = Float64Array.from({ length: rows }, (_, row) =>
      Math.min(classes - 1, Math.max(0, Math.floor((x[2 * row + 1] as number) + chance.normal() + 1))),
    )
    const features = [{ name: 'noise' }, { name: 'signal' }]
    // Rows of weight 0 are not in the tree: the ranks of the others lie far apart.
    const weights = weighted ? Float64Array.from({ length: rows }, () => Math.max(0, chance.int(8) - 4)) : undefined
    const made = { examples: examplesOf({ name: 'made', rows, features, x, y, classes: undefined, task: undefined }), weights }
    for (const feature of [0, 1]) {
      const one = { ...made.examples, features: [features[feature] as Feature], x: x.filter((_, k) => k % 2 === feature) }
      const tree = growerFor({ examples: one, weights }, { classes }, { maxDepth: 1 })(weights)
      const w = (row: number) => weights?.[row] ?? 1
      const order = Array.from({ length: rows }, (_, row) => row)
        .filter((row) => w(row) > 0)
        .sort((a, b) => (one.x[a] as number) - (one.x[b] as number))
      const total = new Float64Array(classes)
      const left = new Float64Array(classes)
      for (let row = 0; row < rows; row++) total[y[row] as number] = (total[y[row] as number] as number) + w(row)
      const purity = () => {
        const sums = (part: (k: number) => number) => {
          let [all, squares] = [0, 0]
          for (let k = 0; k < classes; k++) {
            all += part(k)
            squares += part(k) ** 2
          }
          return squares / all
        }
        return sums((k) => left[k] as number) + sums((k) => (total[k] as number) - (left[k] as number))
      }
      let best = 0
      let reached = 0
      for (let i = 0; i < order.length - 1; i++) {
        const row = order[i] as number
        left[y[row] as number] = (left[y[row] as number] as number) + w(row)
        if (one.x[row] === one.x[order[i + 1] as number]) continue
        best = Math.max(best, purity())
        if (
          (one.x[row] as number) <= (tree.threshold[0] as number) &&
          (one.x[order[i + 1] as number] as number) > (tree.threshold[0] as number)
        )
          reached = purity()
      }
      assert.ok(reached > 0 && reached >= best * (1 - 1e-12), `feature ${feature}: ${reached} is reached, and ${best} is possible`)
    }
  }
})

for (const classes of [3, 0])
  test(`small nodes of many rows read a copy of their columns, and grow the same tree: ${classes === 0 ? 'quantities' : 'classes'}`, () => {
    const chance = random(5)
    const [rows, width] = [50_000, 50]
    const features = Array.from({ length: width }, (_, k) => ({ name: `f${k}` }))
    // Quantities, flags, and such as have gaps.
    const drawn = (k: number) =>
      k % 7 === 1 ? chance.int(2) : k % 7 === 2 && chance.int(9) === 0 ? Number.NaN : Math.floor(40_000 * chance.uniform())
    const x = Float32Array.from({ length: rows * width }, (_, i) => drawn(i % width))
    const y = Float64Array.from({ length: rows }, (_, row) => {
      const score = (x[row * width] as number) / 20_000 + (x[row * width + 1] as number) + chance.uniform()
      return classes > 0 ? Math.floor(score) % classes : score
    })
    const made = { examples: examplesOf({ name: 'made', rows, features, x, y, classes: undefined, task: undefined }), weights: undefined }
    let copies = 0
    const counted = (kernel: Kernel): Kernel => ({
      ...kernel,
      narrow(...node) {
        copies++
        kernel.narrow(...node)
      },
    })
    const never = (kernel: Kernel): Kernel => ({ ...kernel, narrow: () => undefined, widen: () => undefined })
    const limits = { maxFeatures: 4, minSamplesSplit: 30 }
    const tree = growerFor(made, { classes }, limits, counted)(undefined)
    assert.ok(copies > 1, `${copies} copies`)
    assert.deepEqual(tree, growerFor(made, { classes }, limits, never)(undefined))
  })

test('a tree that is cut off is the tree that was grown to there', () => {
  for (const kind of [
    ...kinds,
    { name: 'random thresholds', classes: 3, random: true },
    { name: 'random thresholds', classes: 0, random: true },
  ])
    for (let seed = 0; seed < 4; seed++) {
      const made = make(random(`cut/${kind.name}/${seed}`), 150, {
        classes: kind.classes,
        missing: seed % 2 === 1,
        categories: true,
        weights: seed === 3,
      })
      const limits = { maxFeatures: 2, randomThresholds: 'random' in kind }
      const full = growerFor(made, kind, limits)(made.weights, seed)
      for (const maxDepth of [1, 2, 3, 5])
        for (const minSamplesSplit of [2, 9]) {
          const grown = growerFor(made, kind, { ...limits, maxDepth, minSamplesSplit })(made.weights, seed)
          const cut = truncate(full, { maxDepth, minSamplesSplit, totalWeight: 1 })
          assert.deepEqual(cut, grown, `${kind.name}, depth ${maxDepth}, rows ${minSamplesSplit}`)
        }
    }
})

test('categories are parted as well as any two sets part them: two classes, and quantities', () => {
  for (const classes of [2, 0])
    for (let seed = 0; seed < 5; seed++) {
      const chance = random(`categories/${classes}/${seed}`)
      const rows = 80
      const x = Float32Array.from({ length: rows }, () => (chance.int(12) === 0 ? Number.NaN : chance.int(5)))
      const y = Float64Array.from(x, (code) =>
        classes > 0
          ? Number(chance.uniform() < [0.1, 0.8, 0.4, 0.9, 0.2, 0.6][Number.isNaN(code) ? 5 : code]!)
          : (Number.isNaN(code) ? 2 : code * (5 - code)) + chance.normal(),
      )
      const made = {
        examples: examplesOf({
          name: 'made',
          rows,
          features: [{ name: 'kind', categories: 5 }],
          x,
          y,
          classes: undefined,
          task: undefined,
        }),
        weights: undefined,
      }
      const tree = growerFor(made, { classes }, { maxDepth: 1 })(undefined)
      const codes = Array.from(x, (code) => (Number.isNaN(code) ? 5 : code))
      let best = Number.POSITIVE_INFINITY
      for (let set = 1; set < 63; set++) {
        const left = codes.flatMap((code, row) => ((set >> code) & 1 ? [row] : []))
        const right = codes.flatMap((code, row) => ((set >> code) & 1 ? [] : [row]))
        if (left.length > 0 && right.length > 0) best = Math.min(best, spread(left, made, { classes }) + spread(right, made, { classes }))
      }
      const [, l = [], r = []] = rowsOfNodes(tree, made.examples)
      const reached = spread(l, made, { classes }) + spread(r, made, { classes })
      assert.ok(Math.abs(reached - best) < 1e-9, `${reached} is left, and ${best} is possible`)
    }
})

test('of three classes too, a set is found that parts what can be parted', () => {
  const codes = Array.from({ length: 60 }, (_, row) => row % 6)
  const y = Float64Array.from(codes, (code) => [0, 1, 0, 2, 0, 1][code] as number)
  const made = {
    examples: examplesOf({
      name: 'made',
      rows: 60,
      features: [{ name: 'kind', categories: 6 }],
      x: Float32Array.from(codes),
      y,
      classes: undefined,
      task: undefined,
    }),
    weights: undefined,
  }
  const tree = growerFor(made, { classes: 3 })(undefined)
  assert.equal(tree.nodes, 5)
})

test('thresholds lie half way, and never on the upper value', () => {
  const x = Float32Array.from([1, Math.fround(1 + 2 ** -23), 5, 9])
  const made = {
    examples: examplesOf({
      name: 'made',
      rows: 4,
      features: [{ name: 'a' }],
      x,
      y: Float64Array.from([0, 1, 2, 3]),
      classes: undefined,
      task: undefined,
    }),
    weights: undefined,
  }
  const tree = growerFor(made, { classes: 4 })(undefined)
  const thresholds = Array.from(tree.threshold).filter((_, node) => (tree.feature[node] as number) >= 0)
  assert.deepEqual(
    thresholds.sort((a, b) => a - b),
    [1, 3, 7],
  )
})

test('ranks are made once a matrix, and anew where its features are others', () => {
  const { examples } = make(random(9), 20, { classes: 2 })
  assert.equal(ranksOf({ ...examples, name: 'checked' }), ranksOf(examples))
  const renamed = examples.features.map(({ name }) => ({ name, categories: 9 }))
  assert.notEqual(ranksOf({ ...examples, features: renamed }), ranksOf(examples))
})

test('infinite values are values', () => {
  const x = Float32Array.from([Number.NEGATIVE_INFINITY, 0, 1, Number.POSITIVE_INFINITY])
  const y = Float64Array.from([1, 0, 0, 1])
  const made = {
    examples: examplesOf({ name: 'made', rows: 4, features: [{ name: 'a' }], x, y, classes: undefined, task: undefined }),
    weights: undefined,
  }
  const tree = growerFor(made, { classes: 2 })(undefined)
  for (let row = 0; row < 4; row++) assert.equal(tree.value[leafOf(tree, x, row) * 2 + (y[row] as number)], 1)
})
