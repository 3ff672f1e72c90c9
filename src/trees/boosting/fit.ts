/** One fit: which rows are learned from, where scores begin, and the rounds. */
import { availableParallelism } from 'node:os'
import { fail } from '../../core/errors.ts'
import { random } from '../../core/random.ts'
import type { Feature, FitOptions, Learnable, Params, Predictor, Task } from '../../estimator/index.ts'
import { classWeightsOf, someWeigh } from '../classWeight.ts'
import type { Ensemble } from '../ensemble.ts'
import type { TreePredictor } from '../predict/index.ts'
import { leafOf, type Tree } from '../tree.ts'
import { allowedTogether, categoriesOf, directionsOf } from './constraints.ts'
import { growerOf } from './grow.ts'
import { mostThreads } from './kernel/places.ts'
import { type Loss, lossOf } from './losses.ts'
import type { AnyParams } from './params.ts'
import { boost } from './rounds.ts'
import { type Bench, benchOf } from './workbench.ts'

/** Rows learned from, and those only watched, as `x` numbers them. */
interface Split {
  readonly learned: Int32Array
  readonly watched: Int32Array
}

export async function fitEnsemble(
  name: string,
  task: Task,
  params: AnyParams,
  examples: Learnable,
  options: FitOptions,
): Promise<Ensemble> {
  const { signal, onProgress } = options
  const seed = params.randomState ?? options.seed ?? 0
  signal?.throwIfAborted()
  const width = task === 'classification' && examples.width > 2 ? examples.width : 1
  const loss = lossOf(task, params.loss, width, params.quantile ?? 0.5)
  const bad = loss.target ? examples.y.findIndex((value) => !loss.target?.holds(value)) : -1
  if (bad >= 0) throw fail('FIT_TARGET', examples.name, bad + 1, examples.y[bad] as number, loss.target?.want as string)
  const chance = random(seed).fork('boosting')
  const weights = weightsOf(task, params, examples, options.sampleWeight)
  const stopping = params.earlyStopping === 'auto' ? examples.rows > 10_000 : params.earlyStopping
  const { learned, watched } = splitOf(task, examples, weights, stopping ? params.validationFraction : null, chance.fork('watched'))
  const rows = new Int32Array(learned.length + watched.length)
  rows.set(learned)
  rows.set(watched, learned.length)
  const y = pick(examples.y, rows)
  const w = pick(weights, rows)
  const features = categoriesOf(name, params.categoricalFeatures, examples.features, examples)
  const monotonic = directionsOf(name, params.monotonicCst, features)
  if (monotonic !== undefined && width > 1)
    throw fail('BAD_OPTION', name, 'monotonicCst', `for ${width} labels`, 'null: probabilities of more than two cannot all rise')
  const before = options.from && earlier(name, examples, width, loss, options.from, seed)
  const base = before?.base ?? loss.base(y.subarray(0, learned.length), w.subarray(0, learned.length), width)
  const begun = before?.trees ?? []
  if (begun.length > params.maxIter * width)
    throw fail('BAD_OPTION', name, 'maxIter', params.maxIter, `at least ${begun.length / width}, the rounds of the predictor to go on from`)
  const threads = options.threads ?? threadsWorth(learned.length, features.length, params.maxIter * width)
  const bench = benchOf({
    name: examples.name,
    x: examples.x,
    features,
    rows,
    learned: learned.length,
    y,
    weights: w,
    width,
    loss: params.loss,
    quantile: params.quantile ?? 0.5,
    threads: Math.min(mostThreads, Math.max(1, Math.floor(threads))),
    maxBins: params.maxBins,
    maxLeaves: params.maxLeafNodes ?? Number.POSITIVE_INFINITY,
    minRows: params.minSamplesLeaf,
    l2: params.l2Regularization,
    led: monotonic !== undefined,
  })
  try {
    const trees = await boost(bench, {
      rounds: params.maxIter,
      scores: scoresOf(begun, base, examples, rows, width),
      begun,
      loss,
      learningRate: params.learningRate,
      y,
      w,
      patience: stopping ? params.nIterNoChange : undefined,
      tol: params.tol,
      grow: grower(bench, params, features, monotonic, (round) => chance.fork('round', round)),
      signal,
      onRound: (done) => onProgress?.(done, params.maxIter),
    })
    return {
      ...{ estimator: name, task, params: params as unknown as Params, features, trees, width, base, scale: 1, link: loss.link, seed },
      classes: task === 'classification' ? examples.classes : undefined,
    }
  } finally {
    bench.team.close()
  }
}

function grower(
  bench: Bench,
  params: AnyParams,
  features: readonly Feature[],
  monotonic: Int8Array | undefined,
  chanceOf: (round: number) => ReturnType<typeof random>,
): (round: number) => ReturnType<typeof growerOf> {
  const groups = allowedTogether('boosting', params.interactionCst, features)
  const shared = {
    learningRate: params.learningRate,
    maxLeaves: params.maxLeafNodes ?? Number.POSITIVE_INFINITY,
    maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
    minRows: params.minSamplesLeaf,
    l2: params.l2Regularization,
    monotonic,
    groups,
  }
  if (params.maxFeatures === 1) {
    const grow = growerOf(bench, { ...shared, drawn: undefined })
    return () => grow
  }
  const wanted = Math.max(1, Math.floor(params.maxFeatures * features.length))
  return (round) => {
    const chance = chanceOf(round)
    return (column, unitG, unitH) => {
      const draw = (node: number) => {
        const mask = new Uint8Array(features.length).fill(1, 0, wanted)
        return chance.fork(column, node).shuffle(mask)
      }
      return growerOf(bench, { ...shared, drawn: draw })(column, unitG, unitH)
    }
  }
}

/** A thread costs some 60 ms to start: so many bins are counted in that time. */
const binsAThread = 20_000_000

function threadsWorth(rows: number, features: number, trees: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor((rows * features * trees) / binsAThread)))
}

function weightsOf(task: Task, { classWeight }: AnyParams, data: Learnable, given: ArrayLike<number> | undefined): Float64Array {
  const weights = given === undefined ? new Float64Array(data.rows).fill(1) : Float64Array.from(given)
  if (task === 'regression' || !classWeight) return weights
  const own = classWeightsOf(data, classWeight)
  return someWeigh(
    data.name,
    weights.map((weight, row) => weight * (own[data.y[row] as number] as number)),
  )
}

/** Rows of weight 0 are left out; of the others a share is watched, by the same share of each label. */
function splitOf(
  task: Task,
  { y, rows }: Learnable,
  weights: Float64Array,
  share: number | null,
  chance: ReturnType<typeof random>,
): Split {
  const used = new Int32Array(rows - weights.reduce((none, weight) => (weight > 0 ? none : none + 1), 0))
  for (let row = 0, k = 0; row < rows; row++) if ((weights[row] as number) > 0) used[k++] = row
  if (share === null) return { learned: used, watched: new Int32Array(0) }
  const groups = new Map<number, number[]>()
  for (const row of used) {
    const key = task === 'classification' ? (y[row] as number) : 0
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  const watched: number[] = []
  for (const [key, group] of groups) {
    const some = chance.fork(key).shuffle(group.slice())
    // One by one: a call takes fewer arguments than there may be rows.
    for (const row of some.slice(0, Math.round(group.length * share))) watched.push(row)
  }
  const isWatched = new Uint8Array(rows)
  for (const row of watched) isWatched[row] = 1
  return { learned: used.filter((row) => !isWatched[row]), watched: used.filter((row) => isWatched[row]) }
}

function pick(values: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length)
  for (let k = 0; k < rows.length; k++) picked[k] = values[rows[k] as number] as number
  return picked
}

/** The ensemble to go on from. */
function earlier(name: string, { features }: Learnable, width: number, loss: Loss, from: Predictor, seed: number): Ensemble {
  const { ensemble } = from as TreePredictor
  const changed = [
    ...(ensemble?.link === loss.link ? [] : ['the loss']),
    ...(ensemble?.width === width ? [] : ['the labels']),
    ...(from.features.length === features.length && from.features.every((feature, k) => feature.name === features[k]?.name)
      ? []
      : ['the features']),
    // Other rows would be watched, and some of them have been learned from.
    ...(ensemble?.seed === seed ? [] : ['the seed']),
  ]
  if (from.estimator !== name || changed.length > 0) throw fail('WARM_START_CHANGED', name, from.estimator, changed)
  return ensemble
}

/** Scores that trees give, added up in their order as rounds do. */
function scoresOf(trees: readonly Tree[], base: Float64Array, { x, features }: Learnable, rows: Int32Array, width: number): Float64Array {
  const scores = new Float64Array(rows.length * width)
  for (let column = 0; column < width; column++) scores.fill(base[column] as number, column * rows.length, (column + 1) * rows.length)
  for (const [t, tree] of trees.entries()) {
    const at = (t % width) * rows.length
    for (let k = 0; k < rows.length; k++)
      (scores[at + k] as number) += tree.value[leafOf(tree, x, (rows[k] as number) * features.length)] as number
  }
  return scores
}
