/** Histogram boosting as estimators, and their family: rounds are a prefix. */
import type { Table } from '../../data/index.ts'
import {
  checkFeatures,
  checkLearnable,
  type Estimator,
  type Examples,
  examplesOf,
  type Family,
  type FitOptions,
  type Params,
  type Task,
} from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { predictorOf, prefixOutputs, type TreePredictor } from '../predict/index.ts'
import { fitEnsemble } from './fit.ts'
import { type AnyParams, type BoostingParams, paramsOf } from './params.ts'

export function boostingEstimator<P extends BoostingParams, R extends TreePredictor>(
  name: string,
  task: Task,
  defaults: P,
  options: Partial<P> | undefined,
): Estimator<P, R> {
  const params = paramsOf(name, task, defaults, options)
  const fit = (data: Table | Examples, own: P, options: FitOptions = {}) =>
    fitEnsemble(name, task, own as unknown as AnyParams, checkLearnable(examplesOf(data), task, options.sampleWeight), options)
  return {
    name,
    task,
    getParams: () => params,
    withParams: (changed) => boostingEstimator<P, R>(name, task, defaults, { ...params, ...changed }),
    // Which methods it has follows from the task, as `R` does.
    fit: async (data, options) => predictorOf(await fit(data, params, options)) as R,
    family: {
      axes: ['maxIter'],
      async fit(data, members, options) {
        const checked = members.map((member) => paramsOf(name, task, defaults, member))
        const longest = checked.reduce((a, b) => (b.maxIter > a.maxIter ? b : a))
        return familyOf(await fit(data, longest, options), checked)
      },
    },
  }
}

/**
 * Outputs after each round, the last as `outputs` gives them; each is valid until the next is asked for.
 *
 * @throws PREDICT_FEATURES
 * @example
 * ```ts
 * const model = await trees.histGradientBoostingClassifier().fit(table)
 * for (const shares of stagedOutputs(model, others)) console.log(shares[0])
 * ```
 */
export function* stagedOutputs({ ensemble, estimator, features }: TreePredictor, data: Table | Examples): Generator<Float64Array> {
  const examples = examplesOf(data)
  checkFeatures(estimator, features, examples)
  const rounds = Math.floor(ensemble.trees.length / ensemble.width)
  const prefixes = Array.from({ length: rounds }, (_, round) => (round + 1) * ensemble.width)
  yield* prefixOutputs(ensemble, prefixes, examples, () => 1)
}

/** Members of one fit: whether to stop early is decided by rounds that all of them share, so each is a prefix. */
function familyOf(longest: Ensemble, members: readonly BoostingParams[]): Family {
  const treesOf = ({ maxIter }: BoostingParams) => Math.min(maxIter * longest.width, longest.trees.length)
  const member = (index: number) => {
    const params = members[index] as BoostingParams
    return predictorOf({ ...longest, params: params as unknown as Params, trees: longest.trees.slice(0, treesOf(params)) })
  }
  return {
    size: members.length,
    member,
    *outputs(data) {
      const examples = examplesOf(data)
      const prefixes = [...new Set(members.map(treesOf))].sort((a, b) => a - b)
      const inOrder = members.every((params, k) => k === 0 || treesOf(params) > treesOf(members[k - 1] as BoostingParams))
      if (inOrder) yield* prefixOutputs(longest, prefixes, examples, () => 1)
      else {
        const made = [...prefixOutputs(longest, prefixes, examples, () => 1)]
        for (const params of members) yield made[prefixes.indexOf(treesOf(params))] as Float64Array
      }
    },
  }
}
