/** Ensembles from ONNX files: those written here, and those that converters write for other libraries. */
import { fail, messageOf, TuttiError } from '../../core/errors.ts'
import type { Feature } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { brokenLaw } from '../json/laws.ts'
import type { Tree } from '../tree.ts'
import { buildTrees } from './build.ts'
import { type Described, ensembleKey, readDescribed } from './described.ts'
import { type Form, formOf, Unsupported } from './forms.ts'
import { hasAttribute, type OnnxFile, type OnnxOperator, readOnnx } from './read.ts'
import { type NodeTable, readTable } from './table.ts'

export interface ImportOnnxOptions {
  /** Names of the inputs' columns, where the file does not tell them. Default: x0, x1, ... */
  readonly features?: readonly string[]
  /** Names of the classes. Default: those of the file. */
  readonly classes?: readonly string[]
  /** How sentences call the file. Default 'The ONNX file'. */
  readonly file?: string
}

/**
 * The ensemble of an ONNX file with one TreeEnsembleClassifier or TreeEnsembleRegressor (ai.onnx.ml 1 to 3): as `ensembleToOnnx`
 * writes it, as skl2onnx does for scikit-learn's trees, forests, extra trees and boosting, and as onnxmltools does for LightGBM and XGBoost.
 * It predicts what the file does, for float32 inputs: every row reaches the same leaves. (What the file does may not be what was
 * converted: skl2onnx 1.20 keeps where missing values go only of HistGradientBoosting, and forgets the logarithm of its counts.)
 *
 * Such files tell only of leaves: of inner nodes, values, impurities and weights are NaN and rows 0 (`knowsOnlyLeaves`), so imported
 * trees predict and can be drawn, but not pruned, nor asked for importances. What a file written here says of parameters, features and
 * classes is kept.
 *
 * @throws FILE_CORRUPT where the file does not hold together; FILE_UNSUPPORTED where it is sound and has something else
 * @example `const ensemble = importOnnx(await readFile('sklearn.onnx'))`
 */
export function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): Ensemble {
  const name = options.file ?? 'The ONNX file'
  try {
    const file = readOnnx(bytes)
    const node = treeNodeOf(file, name)
    const told = file.metadata.get(ensembleKey)
    const described = told === undefined ? undefined : readDescribed(told, name)
    const table = readTable(node, node.type === 'TreeEnsembleClassifier' ? 'class' : 'target')
    const ensemble = named(described ? ownEnsemble(table, node, described) : foreignEnsemble(table, node, file), options)
    for (const [t, tree] of ensemble.trees.entries()) {
      const broken = brokenLaw(tree, ensemble.features.length)
      if (broken !== undefined) throw new Error(`of tree ${t + 1}, ${broken}`)
    }
    return ensemble
  } catch (error) {
    if (error instanceof TuttiError) throw error
    if (error instanceof Unsupported) throw fail('FILE_UNSUPPORTED', name, error.what, error.advice)
    throw fail('FILE_CORRUPT', name, `it is no ONNX model of trees (${messageOf(error)})`)
  }
}

/** Whether a tree came from a file that tells only of leaves. */
export function knowsOnlyLeaves({ weight }: Tree): boolean {
  return Number.isNaN(weight[0])
}

function treeNodeOf({ nodes }: OnnxFile, name: string): OnnxOperator {
  const trees = nodes.filter(({ type }) => type.startsWith('TreeEnsemble'))
  const [first, second] = trees
  if (!first)
    throw fail('FILE_UNSUPPORTED', name, `no operator of trees, but ${listed(nodes)}`, 'Give a file of a tree, a forest or boosting')
  if (second) throw fail('FILE_UNSUPPORTED', name, `${trees.length} operators of trees`, 'Export the ensembles one by one')
  if (first.type === 'TreeEnsemble')
    throw fail('FILE_UNSUPPORTED', name, 'trees in the form of ai.onnx.ml 5', 'Export it with ai.onnx.ml 3 (target_opset)')
  return first
}

function listed(nodes: readonly OnnxOperator[]): string {
  return [...new Set(nodes.map(({ type }) => type))].slice(0, 5).join(', ') || 'none at all'
}

/** What was written here: the file says what it is, and its trees are held to that. */
function ownEnsemble(table: NodeTable, node: OnnxOperator, described: Described): Ensemble {
  const { treeWidth, ...head } = described
  const { first, column, weight } = table.leaves
  const places = new Map(table.roots.map((root, t) => [root, t]))
  const treeAt = treesOf(table, places)
  const trees = buildTrees(table, {
    width: treeWidth,
    value(place, into, at) {
      into.fill(0, at, at + treeWidth)
      for (let k = first[place] as number; k < (first[place + 1] as number); k++) {
        const to = column[k] as number
        if (to < 0 || to >= head.width) throw new Error(`a leaf adds to column ${to} of ${head.width}`)
        if (treeWidth === head.width) into[at + to]! += weight[k] as number
        else if (to === (treeAt[place] as number) % head.width) into[at]! += weight[k] as number
        else throw new Error(`tree ${treeAt[place]} adds to column ${to}`)
      }
    },
  })
  const based = hasAttribute(node, 'base_values_as_tensor')
  return { ...head, scale: based ? 1 : head.scale, trees }
}

/** The tree of each node, by its place. */
function treesOf({ nodes, yes, no }: NodeTable, roots: ReadonlyMap<number, number>): Int32Array {
  const tree = new Int32Array(nodes)
  const open: number[] = []
  const seen = new Uint8Array(nodes)
  for (const [root, t] of roots) {
    open.push(root)
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen[node] === 1) continue
      seen[node] = 1
      tree[node] = t
      for (const child of [yes[node] as number, no[node] as number]) if (child >= 0) open.push(child)
    }
  }
  return tree
}

function foreignEnsemble(table: NodeTable, node: OnnxOperator, file: OnnxFile): Ensemble {
  const form = formOf(table, node, file)
  const trees = buildTrees(table, { width: form.treeWidth, value: form.value })
  const { task, classes, width, base, scale, link } = form
  return {
    estimator: `importedTrees${task === 'classification' ? 'Classifier' : 'Regressor'}`,
    task,
    params: {},
    features: featuresOf(trees, node, file),
    classes,
    trees: inTurn(trees, form),
    width,
    base: Float64Array.from(base),
    scale,
    link,
  }
}

/** Trees of one column each in the order of Ensemble: one a column in turn. */
function inTurn(trees: readonly Tree[], { order }: Form): readonly Tree[] {
  return order ? order.map((t) => trees[t] as Tree) : trees
}

function featuresOf(trees: readonly Tree[], node: OnnxOperator, { inputs, initializers }: OnnxFile): Feature[] {
  const given = inputs.filter(({ name }) => !initializers.has(name))
  const input = given.find(({ name }) => name === node.inputs[0]) ?? (given.length === 1 ? given[0] : undefined)
  let count = input?.columns ?? 0
  for (const tree of trees) for (const feature of tree.feature) count = Math.max(count, feature + 1)
  if (count > mostFeatures) throw new Error(`it reads ${count} columns`)
  const categories = new Map<number, number>()
  for (const { feature, setAt, sets } of trees) {
    if (!setAt || !sets) continue
    for (const [i, at] of setAt.entries()) {
      if (at < 0) continue
      const by = feature[i] as number
      categories.set(by, Math.max(categories.get(by) ?? 1, lastCategory(sets, at) + 1))
    }
  }
  return Array.from({ length: Math.max(1, count) }, (_, k) => {
    const known = categories.get(k)
    return known === undefined ? { name: `x${k}` } : { name: `x${k}`, categories: known }
  })
}

const mostFeatures = 2 ** 20

function lastCategory(sets: Uint32Array, at: number): number {
  for (let word = (sets[at] as number) - 1; word >= 0; word--) {
    const bits = sets[at + 1 + word] as number
    if (bits !== 0) return word * 32 + 31 - Math.clz32(bits)
  }
  return 0
}

/** @throws BAD_OPTION where there are not as many names as columns */
function named(ensemble: Ensemble, { features, classes }: ImportOnnxOptions): Ensemble {
  const columns = ensemble.link === 'logistic' ? 2 : ensemble.width
  if (features && features.length !== ensemble.features.length)
    throw fail('BAD_OPTION', 'importOnnx', 'features', `${features.length} names`, `${ensemble.features.length}, one a column`)
  if (classes && (ensemble.task === 'regression' || classes.length !== columns))
    throw fail(
      'BAD_OPTION',
      'importOnnx',
      'classes',
      `${classes.length} names`,
      ensemble.task === 'regression' ? 'left out: there are none' : `${columns}`,
    )
  return {
    ...ensemble,
    ...(features && { features: ensemble.features.map((feature, k) => ({ ...feature, name: features[k] as string })) }),
    ...(classes && { classes }),
  }
}
