/** Trees, ensembles and rows by chance: valid by the laws of Tree, with missing values routed and sets of categories. */
import { type Random, random } from '../../src/core/random.ts'
import type { Feature } from '../../src/estimator/index.ts'
import type { Ensemble, Link } from '../../src/trees/ensemble.ts'
import { leafOf, type Tree } from '../../src/trees/tree.ts'

export interface RandomTreeOptions {
  readonly features?: readonly Feature[]
  /** Numbers a node stands for. Default 1. */
  readonly width?: number
  /** At most so many. Default 15. */
  readonly leaves?: number
  /** Shares that add up to 1, or any numbers. Default: shares where the width is above 1. */
  readonly values?: 'shares' | 'any'
  /** Of values, impurity and weights. Default 'float32'. */
  readonly precision?: 'float32' | 'float64'
}

export interface RandomEnsembleOptions extends RandomTreeOptions {
  readonly trees?: number
  readonly link?: Link
  /** Columns of the sum. Default: the trees' width, so that all trees add to all columns. */
  readonly columns?: number
}

/** f0.. are quantities; of four, the last is a category. */
export function randomFeatures(chance: Random, count = 5): Feature[] {
  return Array.from({ length: count }, (_, k) => (k % 4 === 3 ? { name: `c${k}`, categories: 2 + chance.int(90) } : { name: `f${k}` }))
}

export function randomTree(chance: Random, options: RandomTreeOptions = {}): Tree {
  const { width = 1, leaves = 15, precision = 'float32' } = options
  const features = options.features ?? randomFeatures(chance)
  const values = options.values ?? (width > 1 ? 'shares' : 'any')
  const nodes: { feature: number; threshold: number; right: number; left: boolean; set: number; rows: number }[] = []
  const sets: number[] = []
  const grow = (budget: number, rows: number): void => {
    const at = nodes.length
    nodes.push({ feature: -1, threshold: 0, right: -1, left: false, set: -1, rows })
    if (budget < 2 || rows < 2) return
    const feature = chance.int(features.length)
    const { categories } = features[feature] as Feature
    const leftRows = 1 + chance.int(rows - 1)
    const node = nodes[at] as (typeof nodes)[number]
    node.feature = feature
    node.left = chance.int(2) === 1
    if (categories !== undefined) {
      const words = Math.ceil(categories / 32)
      node.set = sets.length
      sets.push(words, ...Array.from({ length: words }, () => chance.bits()))
    } else node.threshold = Math.fround(chance.int(3) === 0 ? chance.int(5) - 2 : chance.normal())
    const leftBudget = 1 + chance.int(budget - 1)
    grow(leftBudget, leftRows)
    node.right = nodes.length
    grow(budget - leftBudget, rows - leftRows)
  }
  grow(1 + chance.int(leaves), 1 + chance.int(leaves > 1000 ? leaves * 1000 : 1000))
  const Floats = precision === 'float32' ? Float32Array : Float64Array
  const value = new Floats(nodes.length * width)
  for (let i = 0; i < nodes.length; i++) {
    const some = Array.from({ length: width }, () => (values === 'any' ? chance.normal() : chance.int(3) === 0 ? 0 : chance.int(7)))
    const sum = some.reduce((a, b) => a + b, 0)
    for (let k = 0; k < width; k++) value[i * width + k] = values === 'any' ? some[k]! : sum === 0 ? (k === 0 ? 1 : 0) : some[k]! / sum
  }
  return {
    nodes: nodes.length,
    width,
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Uint8Array.from(nodes, ({ left }) => Number(left)),
    setAt: sets.length > 0 ? Int32Array.from(nodes, ({ set }) => set) : undefined,
    sets: sets.length > 0 ? Uint32Array.from(sets) : undefined,
    value,
    impurity: new Floats(nodes.map(() => chance.uniform())),
    samples: Int32Array.from(nodes, ({ rows }) => rows),
    weight: new Floats(nodes.map(({ rows }) => rows * 1.5)),
  }
}

export function randomEnsemble(seed: number, options: RandomEnsembleOptions = {}): Ensemble {
  const chance = random(seed).fork('ensemble')
  const { trees = 7, link = 'identity', width = 1 } = options
  const columns = options.columns ?? width
  const features = options.features ?? randomFeatures(chance)
  const task = width > 1 || columns > 1 || link === 'logistic' ? 'classification' : 'regression'
  const forest = columns === width && link === 'identity'
  return {
    estimator: `${forest ? 'randomForest' : 'histGradientBoosting'}${task === 'classification' ? 'Classifier' : 'Regressor'}`,
    task,
    params: { nEstimators: trees, maxDepth: null, criterion: 'gini' },
    features,
    classes: task === 'classification' ? Array.from({ length: link === 'logistic' ? 2 : columns }, (_, k) => `class ${k}`) : undefined,
    trees: Array.from({ length: trees }, () => randomTree(chance, { ...options, features })),
    width: columns,
    base: Float64Array.from({ length: columns }, () => (forest ? 0 : chance.normal())),
    scale: forest && trees > 0 ? 1 / trees : 1,
    link,
  }
}

/** Rows for it: many values are a threshold or just beside one, some are missing, some categories are not known. */
export function randomRows(seed: number, { features, trees }: Ensemble, rows: number): Float32Array {
  const chance = random(seed).fork('rows')
  const thresholds = features.map((_, k) => trees.flatMap((tree) => [...tree.threshold].filter((_, i) => tree.feature[i] === k)))
  return Float32Array.from({ length: rows * features.length }, (_, i) => {
    const k = i % features.length
    const { categories } = features[k] as Feature
    const known = thresholds[k] as number[]
    if (chance.int(8) === 0) return Number.NaN
    if (categories !== undefined) return chance.int(10) === 0 ? chance.int(300) - 20 : chance.int(categories)
    const threshold = known.length > 0 ? (known[chance.int(known.length)] as number) : 0
    return [threshold, threshold * (1 + 1e-7), threshold * (1 - 1e-7), chance.normal() * 2][chance.int(4)] as number
  })
}

/** What Predictor.outputs gives, made slowly and obviously right: [rows, columns]. */
export function slowOutputs({ features, trees, width, base, scale, link }: Ensemble, x: Float32Array): Float64Array {
  const rows = x.length / features.length
  const columns = link === 'logistic' ? 2 : width
  const outputs = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const sums = new Float64Array(width)
    for (const [t, tree] of trees.entries()) {
      const leaf = leafOf(tree, x, row * features.length)
      if (tree.width === width) for (let k = 0; k < width; k++) sums[k]! += tree.value[leaf * width + k] as number
      else sums[t % width]! += tree.value[leaf] as number
    }
    const raw = sums.map((sum, k) => (base[k] as number) + scale * sum)
    outputs.set(linked(raw, link), row * columns)
  }
  return outputs
}

function linked(raw: Float64Array, link: Link): Float64Array {
  if (link === 'identity') return raw
  if (link === 'exp') return raw.map(Math.exp)
  if (link === 'logistic') {
    const p = 1 / (1 + Math.exp(-(raw[0] as number)))
    return Float64Array.of(1 - p, p)
  }
  const most = Math.max(...raw)
  const powers = raw.map((z) => Math.exp(z - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
