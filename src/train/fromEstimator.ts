/** Trainings of what learns in one call: forests, boosting, linear models. */
import { fail } from '../core/errors.ts'
import { type Config, checkBasics, type DataSplits, type EstimatorDefinition, type EstimatorTraining, type Training } from './definition.ts'
import { tableOf } from './learn.ts'
import { measure } from './measure.ts'

/**
 * Defines a training function of an estimator, which every mode runs as it runs one of a network: `train`, `tune`, `ablate`, and
 * cross-validated.
 *
 * It fits on `data.train` with the run's seed and threads, measures on `data.test` and reports once. Without test data nothing is
 * reported, since what was learned by heart says nothing: measure such trainings by cross-validation.
 *
 * @throws TRAINING_INVALID; when it runs ROWS_NEEDED, and what the estimator refuses
 * @example
 * ```ts
 * export default training.fromEstimator({
 *   name: 'covtype',
 *   config: { nEstimators: 100, maxDepth: 12 },
 *   space: { maxDepth: space.int(4, 24) },
 *   objective: { metric: 'accuracy', direction: 'maximize' },
 *   data: () => data.covtype({ numeric: 'none' }),
 *   estimator: (config) => trees.randomForestClassifier(config),
 * })
 * ```
 */
export function fromEstimator<C extends Config, D extends DataSplits>(definition: EstimatorDefinition<C, D>): EstimatorTraining<C, D> {
  checkBasics(definition)
  if (typeof definition.estimator !== 'function') throw fail('TRAINING_INVALID', "it has no 'estimator' function")
  const train: EstimatorTraining<C, D>['train'] = async ({ config, data, learn, log, report }) => {
    const predictor = await learn(definition.estimator(config, data), data.train)
    if (data.test) await report({ step: 0, ...measure(predictor, await tableOf(data.test, 'Measuring'), definition.metrics) })
    else log('There is no test data, so nothing is measured. Cross-validate (--cv 5), or have data() give a test split.')
  }
  known.add(train)
  return { ...definition, kind: 'training', train }
}

const known = new WeakSet<object>()

/** Whether all that its run does is to fit its estimator once and to measure it: then somebody else may do that for it. */
export function fitsOnce({ estimator, train }: Pick<Training, 'estimator' | 'train'>): boolean {
  return estimator !== undefined && known.has(train)
}
