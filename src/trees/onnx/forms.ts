/** What the operators' attributes mean: which of the forms that converters write a file has, and what it comes to here. */
import type { Task } from '../../estimator/index.ts'
import type { Link } from '../ensemble.ts'
import { floatsOf, intOf, longsOf, type OnnxFile, type OnnxOperator, readTensor, stringsOf, textOf } from './read.ts'
import type { NodeTable } from './table.ts'

export interface Form {
  readonly task: Task
  readonly classes: readonly string[] | undefined
  readonly width: number
  readonly treeWidth: number
  readonly base: readonly number[]
  readonly scale: number
  readonly link: Link
  /** Trees of one column each, in turn; undefined where they are as they come. */
  readonly order?: readonly number[]
  readonly value: (place: number, into: Float64Array, at: number) => void
}

/** Sound, but nothing that trees here can be. */
export class Unsupported extends Error {
  readonly what: string
  readonly advice: string
  constructor(what: string, advice: string) {
    super(what)
    this.what = what
    this.advice = advice
  }
}

/** @throws Unsupported */
export function formOf(table: NodeTable, node: OnnxOperator, file: OnnxFile): Form {
  const after = checkAround(node, file)
  const post = textOf(node, 'post_transform') ?? 'NONE'
  return node.type === 'TreeEnsembleRegressor' ? valueForm(table, node, post, after) : classForm(table, node, post)
}

/** Operators that change no number: they give values other names or types, or probabilities as a map. */
const harmless = ['Cast', 'Identity', 'ZipMap']

/**
 * What stands before the trees, and what is made of their numbers; of classes' labels anything may be made, since they follow from
 * the numbers. Whether the exponential is taken, and what it is multiplied by.
 */
function checkAround(node: OnnxOperator, { nodes, inputs, initializers }: OnnxFile): After {
  const regresses = node.type === 'TreeEnsembleRegressor'
  const changed = (other: OnnxOperator) =>
    new Unsupported(`the operator ${other.type} beside its trees`, 'Export the trees alone, without what comes before or after them')
  const producer = new Map(nodes.flatMap((one) => one.outputs.map((name) => [name, one] as const)))
  let from = node.inputs[0] ?? ''
  for (let step = 0; step < nodes.length; step++) {
    const before = producer.get(from)
    if (!before) break
    if (!harmless.includes(before.type)) throw changed(before)
    from = before.inputs[0] ?? ''
  }
  if (!inputs.some(({ name }) => name === from)) throw new Error('its trees do not read its input')
  // Nodes come in an order in which values are made before they are read.
  const theirs = new Set([node.outputs[regresses ? 0 : 1] ?? ''])
  const after = { exp: false, times: 1 }
  for (const other of nodes) {
    if (other === node || !other.inputs.some((name) => theirs.has(name))) continue
    const times = factorOf(other, initializers)
    if (other.type === 'Exp' && regresses && !after.exp) after.exp = true
    else if (times !== undefined && (times === 1 || (after.exp && times > 0))) after.times *= times
    else if (!harmless.includes(other.type)) throw changed(other)
    for (const name of other.outputs) theirs.add(name)
  }
  return after
}

interface After {
  readonly exp: boolean
  readonly times: number
}

/** The number that all is multiplied by: LightGBM's converter writes times one, XGBoost's the mean of counts. */
function factorOf({ type, inputs }: OnnxOperator, initializers: OnnxFile['initializers']): number | undefined {
  const factor = inputs.map((name) => initializers.get(name)).find((bytes) => bytes !== undefined)
  if (type !== 'Mul' || inputs.length !== 2 || !factor) return undefined
  const numbers = readTensor(factor)
  return numbers.length === 1 ? numbers[0] : undefined
}

function valueForm(table: NodeTable, node: OnnxOperator, post: string, { exp, times }: After): Form {
  const targets = intOf(node, 'n_targets') ?? 1
  if (targets !== 1) throw new Unsupported(`${targets} values a row`, 'Export one ensemble for each of them')
  if (post !== 'NONE') throw new Unsupported(`values changed by ${post}`, 'Export them as they are')
  const how = textOf(node, 'aggregate_function') ?? 'SUM'
  if (how !== 'SUM' && how !== 'AVERAGE') throw new Unsupported(`the ${how} of its trees`, 'Only sums and averages are read')
  const base = floatsOf(node, 'base_values')?.[0] ?? 0
  return {
    task: 'regression',
    classes: undefined,
    width: 1,
    treeWidth: 1,
    // The logarithm's sum is the product.
    base: [base + Math.log(times)],
    scale: how === 'AVERAGE' ? 1 / table.roots.length : 1,
    link: exp ? 'exp' : 'identity',
    value: sums(table, 1),
  }
}

function classForm(table: NodeTable, node: OnnxOperator, post: string): Form {
  const classes = stringsOf(node, 'classlabels_strings') ?? longsOf(node, 'classlabels_int64s') ?? []
  const { column, weight } = table.leaves
  const used = new Set(column)
  for (const k of used) if (k < 0 || k >= classes.length) throw new Error(`a leaf speaks for class ${k} of ${classes.length}`)
  if (classes.length < 2) throw new Unsupported(`${classes.length} class`, 'There is nothing to tell apart')
  const base = Array.from(floatsOf(node, 'base_values') ?? [])
  const common = { task: 'classification' as const, classes, width: classes.length, link: 'identity' as const }
  // Two classes, and leaves that speak for the first alone: that is how converters write the sum of the second.
  const alone = classes.length === 2 && !used.has(1)
  if (classes.length === 2 && !used.has(0))
    throw new Unsupported('leaves that speak for the second of two classes alone', 'Runtimes do not agree what that means; export it anew')
  if (classes.length === 2 && !alone && base.some((value) => value !== 0))
    throw new Unsupported('two classes with a base each', 'Runtimes do not agree what that means; export one sum for both')
  if (base.length > 0 && base.length !== (alone ? 1 : classes.length))
    throw new Error(`there are ${base.length} base values for ${classes.length} classes`)
  const trees = table.roots.length
  const offset = alone ? (base[0] ?? 0) : 0
  if (post === 'LOGISTIC' && alone)
    return { ...common, width: 1, treeWidth: 1, base: [offset], scale: 1, link: 'logistic', value: sums(table, 1) }
  if (post === 'SOFTMAX' && !alone)
    return { ...common, ...boosted(table, classes.length), base: filled(base, classes.length), scale: 1, link: 'softmax' }
  if (post !== 'NONE')
    throw new Unsupported(`${post} of ${alone ? 'one sum' : `${classes.length} sums`}`, 'Of two classes LOGISTIC is read, of more SOFTMAX')
  if (weight.some((value) => value < 0)) throw new Unsupported('scores that are no probabilities', 'Export it without raw_scores')
  // Shares are kept as a tree has them, adding up to 1, where the sum is their average.
  const scale = offset === 0 && base.every((value) => value === 0) ? 1 / trees : 1
  if (!alone)
    return {
      ...common,
      treeWidth: classes.length,
      base: filled(base, classes.length),
      scale,
      value: sums(table, classes.length, 1 / scale),
    }
  const second = sums(table, 1, 1 / scale)
  const whole = scale === 1 ? 1 / trees : 1
  return {
    ...common,
    treeWidth: 2,
    base: [0 - offset, offset],
    scale,
    value(place, into, at) {
      second(place, into, at + 1)
      into[at] = whole - (into[at + 1] as number)
    },
  }
}

/** Trees for one class each, in turn where all classes have as many; else trees as wide as the sum. */
function boosted(table: NodeTable, width: number): Pick<Form, 'treeWidth' | 'value' | 'order'> {
  const { first, column } = table.leaves
  const trees: number[][] = Array.from({ length: width }, () => [])
  const wide = { treeWidth: width, value: sums(table, width) }
  for (const [t, root] of table.roots.entries()) {
    const found = new Set<number>()
    const open = [root]
    const seen = new Set<number>()
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node)) continue
      seen.add(node)
      for (let k = first[node] as number; k < (first[node + 1] as number); k++) found.add(column[k] as number)
      for (const child of [table.yes[node] as number, table.no[node] as number]) if (child >= 0) open.push(child)
    }
    if (found.size !== 1) return wide
    for (const k of found) (trees[k] as number[]).push(t)
  }
  const rounds = (trees[0] as number[]).length
  if (trees.some(({ length }) => length !== rounds)) return wide
  const order = Array.from({ length: rounds * width }, (_, i) => (trees[i % width] as number[])[Math.floor(i / width)] as number)
  return { treeWidth: 1, value: sums(table, 1), order }
}

/** What a leaf adds, by column; all in one where there is one. */
function sums({ leaves: { first, column, weight } }: NodeTable, width: number, times = 1): Form['value'] {
  return (place, into, at) => {
    into.fill(0, at, at + width)
    for (let k = first[place] as number; k < (first[place + 1] as number); k++)
      into[at + (width === 1 ? 0 : (column[k] as number))]! += (weight[k] as number) * times
  }
}

function filled(base: readonly number[], width: number): number[] {
  return Array.from({ length: width }, (_, k) => base[k] ?? 0)
}
