/** Logistic regression: probabilities of labels from a linear model. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Estimator, Learnable, Probabilistic } from '../estimator/index.ts'
import { type Loss, logLoss } from './logLoss.ts'
import type { LinearModel } from './model.ts'
import { minimize } from './newton.ts'
import { learnable } from './options.ts'
import { type LinearPredictor, linearPredictor } from './predictor.ts'

export interface LogisticParams {
  /** What errors weigh against the penalty, above 0: the smaller, the smaller the coefficients. */
  readonly C: number
  readonly fitIntercept: boolean
  /** It ends where no derivative of the mean loss, by a coefficient of a standardized feature, is larger. */
  readonly tol: number
  /** Steps of Newton's at most. */
  readonly maxIter: number
}

export type LogisticEstimator = Estimator<LogisticParams, LinearPredictor & Probabilistic>

const defaults: LogisticParams = { C: 1, fitIntercept: true, tol: 1e-4, maxIter: 100 }

/**
 * Makes `C * sum of log losses + half the sum of squared coefficients` least, as scikit-learn's LogisticRegression; of more than
 * two labels multinomial, by softmax. Newton's steps, each found by conjugate gradients on standardized features, so that features
 * of any size do; the penalty is on the coefficients of the features as they are.
 *
 * A label that no row has gets probability 0. There is no family: each C takes its own steps. Quantities only; double precision; one
 * thread; an earlier result to go on from changes nothing.
 *
 * C.-J. Lin, R. C. Weng, S. S. Keerthi: Trust Region Newton Method for Large-Scale Logistic Regression (2008).
 *
 * @throws UNKNOWN_OPTION, BAD_OPTION; on fitting LINEAR_CATEGORIES, LINEAR_NOT_FINITE and what all estimators throw
 * @example
 * ```ts
 * const rows = data.table({ x: [[0], [1], [2], [3]], y: ['no', 'no', 'yes', 'yes'] })
 * const model = await linear.logisticRegression({ C: 0.5 }).fit(rows)
 * model.predictProba(rows) // two probabilities a row
 * ```
 */
export function logisticRegression(given: Partial<LogisticParams> = {}): LogisticEstimator {
  const name = 'logisticRegression'
  const params = checked(name, given)
  return {
    name,
    task: 'classification',
    getParams: () => params,
    withParams: (changed) => logisticRegression({ ...params, ...changed }),
    async fit(data, options = {}) {
      const examples = learnable(name, 'classification', data, options)
      const { features, classes, width } = examples
      const { C, fitIntercept, tol, maxIter } = params
      const loss = logLoss(examples, { C, center: fitIntercept, weights: options.sampleWeight })
      const found = minimize(loss, {
        ...{ tolerance: tol * C * loss.weight, steps: maxIter, signal: options.signal },
        onStep: (step) => options.onProgress?.(step, maxIter),
      })
      const about = { estimator: name, params: { ...params }, features, classes, width }
      const model: LinearModel = { ...about, task: 'classification', link: 'probabilities', ...unpacked(examples, loss, found) }
      // Which methods it has follows from the link.
      return linearPredictor(model) as LinearPredictor & Probabilistic
    },
  }
}

/** Coefficients of the features as they are, and intercepts, where there are several that add up to 0. */
function unpacked({ features, width }: Learnable, { labels, original }: Loss, found: Float64Array) {
  const size = features.length
  const parts = original(found)
  if (width === 2) return parts
  const coef = new Float64Array(width * size)
  const intercept = new Float64Array(width).fill(none)
  const middle = parts.intercept.reduce((sum, value) => sum + value, 0) / labels.length
  for (const [k, label] of labels.entries()) {
    coef.set(parts.coef.subarray(k * size, (k + 1) * size), label * size)
    intercept[label] = (parts.intercept[k] as number) - middle
  }
  return { coef, intercept }
}

/** The decision for a label that was never seen: so far below all others that its probability is 0, in single precision, too. */
const none = -1e30

function checked(name: string, given: Partial<LogisticParams>): LogisticParams {
  checkOptions(name, given, Object.keys(defaults))
  const params = { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
  for (const key of ['C', 'tol'] as const)
    if (!(Number.isFinite(params[key]) && params[key] > 0)) throw fail('BAD_OPTION', name, key, params[key], 'a number above 0')
  if (!(Number.isInteger(params.maxIter) && params.maxIter > 0))
    throw fail('BAD_OPTION', name, 'maxIter', params.maxIter, 'a whole number above 0')
  if (typeof params.fitIntercept !== 'boolean') throw fail('BAD_OPTION', name, 'fitIntercept', params.fitIntercept, 'true or false')
  return params
}
