/** Parameters of histogram boosting: their defaults, and what they may be. */
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Task } from '../../estimator/index.ts'
import { isClassWeights } from '../classWeight.ts'
import { classifierLosses, regressorLosses } from './losses.ts'

/** What both kinds have; the words and defaults are those of scikit-learn's HistGradientBoosting. */
export interface BoostingParams {
  /** What a tree's values are multiplied by before they are added. */
  readonly learningRate: number
  /** Rounds; a round is one tree, or one a class where there are more than two. */
  readonly maxIter: number
  /** Leaves of a tree; null: any number. */
  readonly maxLeafNodes: number | null
  readonly maxDepth: number | null
  /** Rows of a leaf; it also needs the hessians that so many rows of its parent have on average (of squared error, the same). */
  readonly minSamplesLeaf: number
  readonly l2Regularization: number
  /** Share of the features drawn anew for each node. */
  readonly maxFeatures: number
  /** Bins of a feature, 2 to 255; missing values have one more. */
  readonly maxBins: number
  /** 'fromDtype': those that the table says are; null: none; or names or places of features. */
  readonly categoricalFeatures: 'fromDtype' | null | readonly (string | number)[]
  /** By name or place, 1: outputs may not fall as the feature rises, -1: may not rise, 0: any. */
  readonly monotonicCst: Readonly<Record<string, number>> | readonly number[] | null
  /** Sets of features that may meet on a path; 'pairwise': any two; 'noInteractions': each alone. Features in no set make one together. */
  readonly interactionCst: readonly (readonly (string | number)[])[] | 'pairwise' | 'noInteractions' | null
  /** 'auto': with more than 10,000 rows. */
  readonly earlyStopping: 'auto' | boolean
  readonly scoring: 'loss'
  /** Share of the rows kept to see when to stop; null: the rows learned from are looked at. */
  readonly validationFraction: number | null
  readonly nIterNoChange: number
  readonly tol: number
  /** null: the seed that fit is handed. */
  readonly randomState: number | null
}

export interface ClassifierParams extends BoostingParams {
  readonly loss: 'logLoss'
  /** 'balanced': rows of each class weigh the same together; or a weight by label or its name. */
  readonly classWeight: 'balanced' | Readonly<Record<string, number>> | null
}

export interface RegressorParams extends BoostingParams {
  readonly loss: (typeof regressorLosses)[number]
  /** Which quantile, with the loss 'quantile'. */
  readonly quantile: number | null
}

/** Parameters of either kind. */
export interface AnyParams extends BoostingParams {
  readonly loss: string
  readonly quantile?: RegressorParams['quantile']
  readonly classWeight?: ClassifierParams['classWeight']
}

const common: BoostingParams = {
  learningRate: 0.1,
  maxIter: 100,
  maxLeafNodes: 31,
  maxDepth: null,
  minSamplesLeaf: 20,
  l2Regularization: 0,
  maxFeatures: 1,
  maxBins: 255,
  categoricalFeatures: 'fromDtype',
  monotonicCst: null,
  interactionCst: null,
  earlyStopping: 'auto',
  scoring: 'loss',
  validationFraction: 0.1,
  nIterNoChange: 10,
  tol: 1e-7,
  randomState: null,
}

export const classifierDefaults: ClassifierParams = { loss: 'logLoss', ...common, classWeight: null }
export const regressorDefaults: RegressorParams = { loss: 'squaredError', quantile: null, ...common }

/** All parameters of what is given. @throws UNKNOWN_OPTION, BAD_OPTION */
export function paramsOf<P extends BoostingParams>(what: string, task: Task, defaults: P, options: Partial<P> | undefined): P {
  checkOptions(what, options, Object.keys(defaults))
  const params = { ...defaults, ...Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) } as P
  check(what, task, params as unknown as AnyParams)
  return params
}

function check(what: string, task: Task, params: AnyParams): void {
  const refuse = (name: keyof AnyParams, want: string): never => {
    throw fail('BAD_OPTION', what, name, params[name], want)
  }
  const losses: readonly string[] = task === 'classification' ? classifierLosses : regressorLosses
  if (!losses.includes(params.loss)) refuse('loss', losses.map((loss) => `'${loss}'`).join(' or '))
  const whole = (name: keyof AnyParams, from: number, to = Number.MAX_SAFE_INTEGER) => {
    const value = params[name]
    if (!(Number.isInteger(value) && (value as number) >= from && (value as number) <= to))
      refuse(name, to === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${from}` : `a whole number from ${from} to ${to}`)
  }
  const above = (name: keyof AnyParams, from: number, orEqual: boolean) => {
    const value = params[name]
    if (!(typeof value === 'number' && Number.isFinite(value) && (orEqual ? value >= from : value > from)))
      refuse(name, `a number ${orEqual ? 'of at least' : 'above'} ${from}`)
  }
  above('learningRate', 0, false)
  whole('maxIter', 1)
  if (params.maxLeafNodes !== null) whole('maxLeafNodes', 2)
  if (params.maxDepth !== null) whole('maxDepth', 1)
  whole('minSamplesLeaf', 1)
  above('l2Regularization', 0, true)
  if (!(typeof params.maxFeatures === 'number' && params.maxFeatures > 0 && params.maxFeatures <= 1))
    refuse('maxFeatures', 'a share above 0 and up to 1')
  whole('maxBins', 2, 255)
  if (!['auto', true, false].includes(params.earlyStopping)) refuse('earlyStopping', "true, false or 'auto'")
  if (params.scoring !== 'loss') refuse('scoring', "'loss'")
  if (params.validationFraction !== null && !(params.validationFraction > 0 && params.validationFraction < 1))
    refuse('validationFraction', 'a share between 0 and 1, or null')
  whole('nIterNoChange', 1)
  above('tol', 0, true)
  if (params.randomState !== null) whole('randomState', 0)
  if (params.categoricalFeatures !== null && params.categoricalFeatures !== 'fromDtype' && !Array.isArray(params.categoricalFeatures))
    refuse('categoricalFeatures', "'fromDtype', null, or a list of features")
  const { interactionCst, classWeight } = params
  if (typeof params.monotonicCst !== 'object') refuse('monotonicCst', 'a list of -1, 0 and 1, an object of them by feature, or null')
  const listsOf = (sets: unknown) => Array.isArray(sets) && sets.every(Array.isArray)
  if (!(interactionCst === null || interactionCst === 'pairwise' || interactionCst === 'noInteractions' || listsOf(interactionCst)))
    refuse('interactionCst', "'pairwise', 'noInteractions', null, or lists of features")
  if (task === 'classification') {
    if (!(classWeight === null || classWeight === 'balanced' || isClassWeights(classWeight)))
      refuse('classWeight', "'balanced', weights of at least 0 by label, or null")
  } else if (params.loss === 'quantile') {
    if (!(typeof params.quantile === 'number' && params.quantile >= 0 && params.quantile <= 1))
      refuse('quantile', "a share from 0 to 1 with the loss 'quantile'")
  } else if (params.quantile !== null) refuse('quantile', `null unless the loss is 'quantile'`)
}
