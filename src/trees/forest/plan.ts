/** All that growing a forest needs, as plain data on shared memory: what a thread is sent. */

import { fail } from '../../core/errors.ts'
import { random } from '../../core/random.ts'
import type { Learnable } from '../../estimator/index.ts'
import { type Ranked, ranksOf, shared } from '../grow/ranks.ts'
import { type AnyParams, featuresDrawn, type Kind, rowsMeant } from './params.ts'

export interface GrowPlan {
  readonly ranked: Ranked
  readonly labels: Int32Array | undefined
  readonly values: Float64Array | undefined
  /** 1 in regression. */
  readonly classes: number
  readonly criterion: AnyParams['criterion']
  /** Of each row, its sample weight times its label's; undefined where all are 1. */
  readonly weights: Float64Array | undefined
  /** Weights by label are made anew from each tree's rows. */
  readonly balancedSubsample: boolean
  /** Rows drawn for each tree; undefined: every tree takes all. */
  readonly drawn: number | undefined
  readonly maxDepth: number
  readonly minSamplesSplit: number
  readonly minRows: number
  readonly minWeightFraction: number
  readonly maxFeatures: number
  readonly randomThresholds: boolean
  readonly seed: number
}

export interface PlanOptions {
  readonly seed: number
  readonly sampleWeight: ArrayLike<number> | undefined
}

export function planOf(kind: Kind, params: AnyParams, data: Learnable, { seed, sampleWeight }: PlanOptions): GrowPlan {
  const { rows, features, y, width } = data
  const ranked = ranksOf(data)
  const classification = kind.endsWith('Classifier')
  const { labels, values } = targetsOf(data, classification)
  const classWeight = 'classWeight' in params ? params.classWeight : null
  if (params.criterion === 'poisson') checkPoisson(data.name, y)
  const minSamplesLeaf = rowsMeant(params.minSamplesLeaf, rows)
  return {
    ranked,
    labels,
    values,
    classes: classification ? width : 1,
    criterion: params.criterion,
    weights: weightsOf(data, labels, classWeight, sampleWeight),
    balancedSubsample: classWeight === 'balancedSubsample',
    drawn: params.bootstrap === true ? drawnRows(kind, params.maxSamples ?? null, rows) : undefined,
    maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
    minSamplesSplit: Math.max(2, rowsMeant(params.minSamplesSplit, rows), 2 * minSamplesLeaf),
    minRows: minSamplesLeaf,
    minWeightFraction: params.minWeightFractionLeaf,
    maxFeatures: featuresDrawn(params.maxFeatures, features.length),
    randomThresholds: kind.startsWith('extra') || params.splitter === 'random',
    seed,
  }
}

/** What is learned of a data set does not change while a search fits it many times. */
const targets = new WeakMap<object, { labels: Int32Array | undefined; values: Float64Array | undefined }>()

function targetsOf({ y, rows }: Learnable, classification: boolean) {
  const found = targets.get(y)
  if (found && (found.labels !== undefined) === classification) return found
  const made = classification
    ? { labels: shared(Int32Array, rows), values: undefined }
    : { labels: undefined, values: shared(Float64Array, rows) }
  ;(made.labels ?? made.values)?.set(y)
  targets.set(y, made)
  return made
}

/** Rows that each tree draws. @throws BAD_OPTION */
export function drawnRows(kind: string, maxSamples: number | null, rows: number): number {
  if (maxSamples === null) return rows
  if (Number.isInteger(maxSamples) && maxSamples !== 1 && maxSamples > rows)
    throw fail('BAD_OPTION', kind, 'maxSamples', maxSamples, `at most the ${rows} rows there are`)
  return maxSamples <= 1 ? Math.max(1, Math.round(rows * maxSamples)) : maxSamples
}

function checkPoisson(name: string, y: Float64Array): void {
  let sum = 0
  y.forEach((value, row) => {
    if (value < 0) throw fail('FIT_TARGET', name, row + 1, value, 'at least 0 for the criterion poisson')
    sum += value
  })
  if (sum === 0) throw fail('FIT_TARGET', name, 1, 0, 'larger than 0 in some row for the criterion poisson')
}

function weightsOf(
  { rows, classes: names, width, name }: Learnable,
  labels: Int32Array | undefined,
  classWeight: 'balanced' | 'balancedSubsample' | Readonly<Record<string, number>> | null,
  sampleWeight: ArrayLike<number> | undefined,
): Float64Array | undefined {
  const ofClass =
    labels && classWeight !== null && classWeight !== 'balancedSubsample'
      ? classWeights(name, labels, width, names, classWeight)
      : undefined
  if (ofClass === undefined && sampleWeight === undefined) return undefined
  const weights = shared(Float64Array, rows)
  for (let row = 0; row < rows; row++)
    weights[row] = ((sampleWeight?.[row] as number | undefined) ?? 1) * (ofClass && labels ? (ofClass[labels[row] as number] as number) : 1)
  return weights
}

function classWeights(
  name: string,
  labels: Int32Array,
  width: number,
  names: readonly string[] | undefined,
  given: 'balanced' | Readonly<Record<string, number>>,
): Float64Array {
  if (given === 'balanced') return balancedWeights(labels, undefined, width)
  const weights = new Float64Array(width).fill(1)
  for (const [label, weight] of Object.entries(given)) {
    const named = names?.indexOf(label) ?? -1
    const place = named >= 0 ? named : Number(label)
    if (!Number.isInteger(place) || place < 0 || place >= width)
      throw fail(
        'BAD_OPTION',
        'classWeight',
        label,
        weight,
        `for a label of data set '${name}': ${names?.join(', ') ?? `0 to ${width - 1}`}`,
      )
    weights[place] = weight
  }
  return weights
}

/** Rows / (labels there are * rows of the label): all labels weigh the same. `times` counts rows more than once, or not at all. */
export function balancedWeights(labels: Int32Array, times: Int32Array | undefined, width: number): Float64Array {
  const counts = new Float64Array(width)
  let rows = 0
  for (let row = 0; row < labels.length; row++) {
    const n = times === undefined ? 1 : (times[row] as number)
    counts[labels[row] as number] = (counts[labels[row] as number] as number) + n
    rows += n
  }
  const there = counts.reduce((n, count) => n + (count > 0 ? 1 : 0), 0)
  return counts.map((count) => (count === 0 ? 0 : rows / (there * count)))
}

/** Key of a tree: two words of its own stream. */
export function treeKey(seed: number, tree: number): { high: number; low: number; rows: number } {
  const chance = random(seed).fork('tree', tree)
  return { high: chance.bits() | 0, low: chance.bits() | 0, rows: chance.bits() | 0 }
}
