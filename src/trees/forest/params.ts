/** Parameters of trees and forests: scikit-learn's names in camelCase, its meaning and its defaults. */
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { isClassWeights } from '../classWeight.ts'

/** What all trees have. */
export interface TreeParams {
  /** Levels below the root; null: until the leaves are pure. */
  readonly maxDepth: number | null
  /** Rows below which a node is not split: a number, or a share of all rows (below 1). */
  readonly minSamplesSplit: number
  /** Least rows of a leaf: a number, or a share of all rows. */
  readonly minSamplesLeaf: number
  /** Least share of all weight in a leaf. */
  readonly minWeightFractionLeaf: number
  /** Features looked at for a split: 'sqrt', 'log2', a number, a share (at most 1 as 1.0 is written: all), or null for all. */
  readonly maxFeatures: 'sqrt' | 'log2' | number | null
  /** Leaves at most; those whose splits are worth most are kept. */
  readonly maxLeafNodes: number | null
  /** A node is split only if that decreases the weighted impurity by as much. */
  readonly minImpurityDecrease: number
  /** Cost-complexity pruning: subtrees that decrease the impurity by less for each of their leaves are cut. */
  readonly ccpAlpha: number
  /** Seed of all chance; null: the one that `fit` is given. */
  readonly randomState: number | null
}

export interface ClassParams {
  /** What makes a node's rows mixed: Gini's index, or the entropy ('logLoss' is another name of it). */
  readonly criterion: 'gini' | 'entropy' | 'logLoss'
  /** Weights by label (its number or name); 'balanced': inversely to the labels' frequencies. */
  readonly classWeight: 'balanced' | 'balancedSubsample' | Readonly<Record<string, number>> | null
}

export interface ValueParams {
  /** How far a node's rows are from its value: squared or absolute distances, Friedman's measure of the gain, or half the Poisson deviance. */
  readonly criterion: 'squaredError' | 'friedmanMse' | 'absoluteError' | 'poisson'
}

export interface ForestParams {
  /** Trees. */
  readonly nEstimators: number
  /** Whether each tree learns from rows drawn with replacement. */
  readonly bootstrap: boolean
  /** Rows drawn for each tree: a number, a share, or null for as many as there are. */
  readonly maxSamples: number | null
  /** Whether the rows that a tree did not draw judge it. */
  readonly oobScore: boolean
  /** Threads; null: what `fit` is given. */
  readonly nJobs: number | null
}

export interface SplitterParams {
  /** The best threshold of each feature, or one drawn at random. */
  readonly splitter: 'best' | 'random'
}

export type DecisionTreeClassifierParams = TreeParams & ClassParams & SplitterParams
export type DecisionTreeRegressorParams = TreeParams & ValueParams & SplitterParams
export type ForestClassifierParams = TreeParams & ClassParams & ForestParams
export type ForestRegressorParams = TreeParams & ValueParams & ForestParams
/** Any of them, as growing sees it. */
export type AnyParams = TreeParams & Partial<ForestParams & SplitterParams> & (ClassParams | ValueParams)

const tree: TreeParams = {
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  minWeightFractionLeaf: 0,
  maxFeatures: null,
  maxLeafNodes: null,
  minImpurityDecrease: 0,
  ccpAlpha: 0,
  randomState: null,
}
const classes: ClassParams = { criterion: 'gini', classWeight: null }
const values: ValueParams = { criterion: 'squaredError' }
const forest: ForestParams = { nEstimators: 100, bootstrap: true, maxSamples: null, oobScore: false, nJobs: null }

export const defaults = {
  decisionTreeClassifier: { ...classes, splitter: 'best', ...tree } as DecisionTreeClassifierParams,
  decisionTreeRegressor: { ...values, splitter: 'best', ...tree } as DecisionTreeRegressorParams,
  randomForestClassifier: { ...classes, ...forest, ...tree, maxFeatures: 'sqrt' } as ForestClassifierParams,
  randomForestRegressor: { ...values, ...forest, ...tree, maxFeatures: 1 } as ForestRegressorParams,
  extraTreesClassifier: { ...classes, ...forest, ...tree, maxFeatures: 'sqrt', bootstrap: false } as ForestClassifierParams,
  extraTreesRegressor: { ...values, ...forest, ...tree, maxFeatures: 1, bootstrap: false } as ForestRegressorParams,
}

export type Kind = keyof typeof defaults

/** The defaults with some parameters replaced, held to what they may be. @throws UNKNOWN_OPTION, BAD_OPTION */
export function checkedParams<P extends AnyParams>(kind: Kind, given: Partial<P>): P {
  const known = defaults[kind] as unknown as P
  checkOptions(kind, given, Object.keys(known))
  const params = { ...known, ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) } as unknown as P
  const bad = (name: string, want: string): never => {
    throw fail('BAD_OPTION', kind, name, (params as unknown as Record<string, unknown>)[name], want)
  }
  const whole = (name: keyof AnyParams, least: number, orNull: boolean) => {
    const value = params[name] as unknown
    if (value === undefined || (orNull && value === null)) return
    if (!Number.isSafeInteger(value) || (value as number) < least)
      bad(name, `a whole number, at least ${least}${orNull ? ', or null' : ''}`)
  }
  const between = (name: keyof AnyParams, least: number, most: number, want: string) => {
    const value = params[name] as unknown
    if (value !== undefined && !(typeof value === 'number' && value >= least && value <= most)) bad(name, want)
  }
  const oneOf = (name: keyof AnyParams, words: readonly unknown[]) => {
    if (params[name] !== undefined && !words.includes(params[name])) bad(name, `one of ${words.join(', ')}`)
  }
  const wholeOrShare = (name: 'minSamplesSplit' | 'minSamplesLeaf' | 'maxSamples', least: number) => {
    const value = params[name] as unknown
    if (value === undefined || (name === 'maxSamples' && value === null)) return
    const share = typeof value === 'number' && value > 0 && (value < 1 || (value === 1 && name === 'maxSamples'))
    if (!share && !(Number.isSafeInteger(value) && (value as number) >= least))
      bad(name, `a whole number of rows, at least ${least}, or a share of the rows between 0 and 1`)
  }
  const classification = kind.endsWith('Classifier')
  oneOf('criterion', classification ? ['gini', 'entropy', 'logLoss'] : ['squaredError', 'friedmanMse', 'absoluteError', 'poisson'])
  oneOf('splitter', ['best', 'random'])
  oneOf('bootstrap', [true, false])
  oneOf('oobScore', [true, false])
  whole('maxDepth', 1, true)
  whole('maxLeafNodes', 2, true)
  whole('nEstimators', 1, false)
  whole('nJobs', 1, true)
  whole('randomState', 0, true)
  wholeOrShare('minSamplesSplit', 2)
  wholeOrShare('minSamplesLeaf', 1)
  wholeOrShare('maxSamples', 1)
  between('minWeightFractionLeaf', 0, 0.5, 'a share of the weight, from 0 to 0.5')
  between('minImpurityDecrease', 0, Number.MAX_VALUE, 'a number, at least 0')
  between('ccpAlpha', 0, Number.MAX_VALUE, 'a number, at least 0')
  const { maxFeatures } = params
  if (maxFeatures !== null && maxFeatures !== 'sqrt' && maxFeatures !== 'log2')
    if (typeof maxFeatures !== 'number' || !(maxFeatures > 0) || (maxFeatures > 1 && !Number.isInteger(maxFeatures)))
      bad('maxFeatures', "'sqrt', 'log2', a whole number of features, a share of them (1 is all), or null")
  if ('classWeight' in params && params.classWeight !== null && params.classWeight !== 'balanced') {
    const weights: unknown = params.classWeight
    const subsample = weights === 'balancedSubsample' && 'bootstrap' in known
    if (!subsample && !isClassWeights(weights))
      bad('classWeight', "'balanced', 'balancedSubsample' (forests), weights of at least 0 by label, or null")
  }
  if (params.bootstrap === false && params.oobScore) bad('oobScore', 'false where bootstrap is false: every tree has then seen all rows')
  if (params.bootstrap === false && typeof params.maxSamples === 'number') bad('maxSamples', 'null where bootstrap is false')
  return params
}

/** Features that a share or a word stands for. */
export function featuresDrawn(maxFeatures: TreeParams['maxFeatures'], features: number): number {
  if (maxFeatures === null) return features
  if (maxFeatures === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(features)))
  if (maxFeatures === 'log2') return Math.max(1, Math.floor(Math.log2(features)))
  return maxFeatures <= 1 ? Math.max(1, Math.floor(maxFeatures * features)) : Math.min(features, maxFeatures)
}

/** Rows that a number or a share stands for, rounded up. */
export function rowsMeant(value: number, rows: number): number {
  return value < 1 ? Math.ceil(value * rows) : value
}
