/** Cross-validation of an estimator, as a function. */
import { type Clock, realClock } from '../../core/clock.ts'
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Table } from '../../data/index.ts'
import { type AnyEstimator, examplesOf } from '../../estimator/index.ts'
import type { Metrics } from '../environment.ts'
import type { MetricSpec } from '../evaluate.ts'
import { defaultMetrics, measure } from '../measure.ts'
import { type FoldsPlan, foldsOf } from './plan.ts'
import { meanAndStd } from './statistics.ts'

export interface CrossValidateOptions extends FoldsPlan {
  /** Default: accuracy, logLoss and, of two classes, rocAuc for labels; r2, mae and mse for quantities. */
  readonly metrics?: readonly MetricSpec[]
  /** Of each fold's fit. Default 0. */
  readonly seed?: number
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Called after each fold, 0 the first. */
  readonly onFold?: (fold: FoldScore, index: number, folds: number) => void
  readonly clock?: Clock
}

export interface FoldScore {
  readonly metrics: Metrics
  readonly fitSeconds: number
  readonly scoreSeconds: number
  readonly rows: { readonly train: number; readonly test: number }
}

export interface CrossValidation {
  readonly folds: readonly FoldScore[]
  readonly mean: Metrics
  /** The population's standard deviation over the folds, as scikit-learn's `std_test_score`. */
  readonly std: Metrics
}

const known = ['cv', 'foldSeed', 'metrics', 'seed', 'threads', 'signal', 'onFold', 'clock']

/**
 * Fits an estimator once a fold and measures it on the rows that were held out. Every fold has the same seed.
 *
 * @throws FOLDS_IMPOSSIBLE, FOLDS_GROUP, NO_TARGET, METRIC_UNSUITABLE, and what the estimator refuses
 * @example
 * ```ts
 * const { mean, std } = await crossValidate(trees.randomForestClassifier(), set, { cv: 5 })
 * ```
 */
export async function crossValidate(estimator: AnyEstimator, table: Table, options: CrossValidateOptions = {}): Promise<CrossValidation> {
  checkOptions('crossValidate', options, known)
  const { cv, foldSeed, seed = 0, threads, signal, onFold, clock = realClock } = options
  if (table.target === undefined) throw fail('NO_TARGET', table.name)
  const folds = foldsOf(table, { cv, foldSeed })
  const metrics = options.metrics ?? defaultMetrics(estimator.task, examplesOf(table))
  const scores: FoldScore[] = []
  for (const [index, fold] of folds.entries()) {
    signal?.throwIfAborted()
    const [train, test] = [table.take(fold.train), table.take(fold.test)]
    const began = clock.elapsed()
    const predictor = await estimator.fit(train, { seed, ...(threads !== undefined && { threads }), ...(signal && { signal }) })
    const fitted = clock.elapsed()
    const measured = measure(predictor, test, metrics)
    const score: FoldScore = {
      metrics: measured,
      fitSeconds: (fitted - began) / 1000,
      scoreSeconds: (clock.elapsed() - fitted) / 1000,
      rows: { train: fold.train.length, test: fold.test.length },
    }
    scores.push(score)
    onFold?.(score, index, folds.length)
  }
  return { folds: scores, ...meanAndStd(scores.map(({ metrics }) => metrics)) }
}
