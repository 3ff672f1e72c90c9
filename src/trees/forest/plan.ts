/** All that growing a forest needs, as plain data on shared memory: what a thread is sent. */

import { fail } from '../../core/errors.ts'
import { random } from '../../core/random.ts'
import type { Learnable } from '../../estimator/index.ts'
import { classWeightsOf, someWeigh } from '../classWeight.ts'
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
  /** Rows that are drawn from, those that weigh something; undefined: all. */
  readonly drawable: Int32Array | undefined
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
  const weights = weightsOf(data, params, sampleWeight)
  if (params.criterion === 'poisson') checkPoisson(data.name, y)
  const minSamplesLeaf = rowsMeant(params.minSamplesLeaf, rows)
  return {
    ranked,
    labels,
    values,
    classes: classification ? width : 1,
    criterion: params.criterion,
    weights,
    balancedSubsample: 'classWeight' in params && params.classWeight === 'balancedSubsample',
    drawn: params.bootstrap === true ? drawnRows(kind, params.maxSamples ?? null, rows) : undefined,
    drawable: params.bootstrap === true ? drawableRows(weights) : undefined,
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

/** Of each row, its sample weight times its label's; undefined where all are 1. @throws FIT_WEIGHTS, BAD_OPTION */
export function weightsOf(data: Learnable, params: AnyParams, sampleWeight: ArrayLike<number> | undefined): Float64Array | undefined {
  const classWeight = 'classWeight' in params ? params.classWeight : null
  const ofClass = classWeight !== null && classWeight !== 'balancedSubsample' ? classWeightsOf(data, classWeight) : undefined
  if (ofClass === undefined && sampleWeight === undefined) return undefined
  const { rows, y, name } = data
  const weights = shared(Float64Array, rows)
  for (let row = 0; row < rows; row++)
    weights[row] = ((sampleWeight?.[row] as number | undefined) ?? 1) * (ofClass ? (ofClass[y[row] as number] as number) : 1)
  return someWeigh(name, weights)
}

/** Rows that weigh something: a tree that drew none of them would know nothing. Undefined where all do. */
export function drawableRows(weights: Float64Array | undefined): Int32Array | undefined {
  if (weights === undefined || weights.every((weight) => weight > 0)) return undefined
  const rows = shared(
    Int32Array,
    weights.reduce((n, weight) => (weight > 0 ? n + 1 : n), 0),
  )
  for (let row = 0, k = 0; row < weights.length; row++) if ((weights[row] as number) > 0) rows[k++] = row
  return rows
}

/** Key of a tree: two words of its own stream. */
export function treeKey(seed: number, tree: number): { high: number; low: number; rows: number } {
  const chance = random(seed).fork('tree', tree)
  return { high: chance.bits() | 0, low: chance.bits() | 0, rows: chance.bits() | 0 }
}
