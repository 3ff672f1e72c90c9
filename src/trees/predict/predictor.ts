/** Ensembles of trees as predictors. */
import type { Table } from '../../data/index.ts'
import { checkFeatures, type Examples, examplesOf, type Feature, likeliest, type Predictor, scoreOf } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'
import { ensembleToJson } from '../json.ts'
import { ensembleToOnnx } from '../onnx/index.ts'
import { importancesOf } from './importances.ts'
import { compile, outputs } from './outputs.ts'

/** A predictor whose trees can be looked at. */
export interface TreePredictor extends Predictor {
  readonly ensemble: Ensemble
  /** By how much the splits by each feature decreased impurity, as shares; of boosted trees, shares of all their decreases together. */
  readonly featureImportances: Float64Array
}

/**
 * The predictor of an ensemble; packing it for speed waits until it is first asked.
 *
 * @example
 * ```ts
 * const labels = predictorOf(ensemble).predict(table)
 * ```
 */
export function predictorOf(ensemble: Ensemble): TreePredictor {
  const { estimator, task, params, features, classes, link } = ensemble
  const width = link === 'logistic' ? 2 : ensemble.width
  const compiled = compile(ensemble)
  let known: readonly Feature[] | undefined
  let importances: Float64Array | undefined
  const checked = (data: Table | Examples): Examples => {
    const examples = examplesOf(data)
    // Row after row comes with the same features: comparing their names would take longer than predicting.
    if (examples.features !== known) checkFeatures(estimator, features, examples)
    known = examples.features
    return examples
  }
  const outputsOf = ({ x, rows }: Examples): Float64Array => outputs(compiled, x, rows)
  const predicted = (examples: Examples): Float64Array =>
    task === 'classification' ? likeliest(outputsOf(examples), width) : outputsOf(examples)
  return {
    ensemble,
    estimator,
    task,
    params,
    features,
    classes,
    width,
    outputs: (data) => outputsOf(checked(data)),
    ...(task === 'classification' && { predictProba: (data: Table | Examples) => outputsOf(checked(data)) }),
    predict: (data) => predicted(checked(data)),
    score(data) {
      const examples = checked(data)
      return scoreOf(task, estimator, width, predicted(examples), examples, classes)
    },
    get featureImportances() {
      importances ??= importancesOf(ensemble)
      return importances
    },
    toOnnx: (options) => ensembleToOnnx(ensemble, options),
    toJson: () => ensembleToJson(ensemble),
  }
}
