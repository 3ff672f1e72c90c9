/** What linear models become: coefficients, and predictions from them. */
import type { Json } from '../core/json.ts'
import type { Table } from '../data/index.ts'
import { checkFeatures, type Examples, examplesOf, likeliest, type Predictor, scoreOf } from '../estimator/index.ts'
import { modelFromJson, modelToJson } from './json.ts'
import type { LinearLink, LinearModel } from './model.ts'
import { checkNumeric } from './moments.ts'
import { modelToOnnx } from './onnx.ts'

export interface LinearPredictor extends Predictor, LinearModel {
  readonly params: LinearModel['params']
  /**
   * [rows, decisions], row-major: coefficients times features plus intercept. Of two classes, above 0 means the second.
   *
   * @throws PREDICT_FEATURES, LINEAR_NOT_FINITE
   */
  decisions(data: Table | Examples): Float64Array
}

/**
 * A linear model as a predictor. Its outputs are the values, or what its link makes of the classes' decisions: they add up to 1 and
 * keep the order of the decisions; of the link 'scores' they are no calibrated probabilities.
 */
export function linearPredictor(model: LinearModel): LinearPredictor {
  const { estimator, task, features, width, link, coef, intercept } = model
  const decisions = (data: Table | Examples) => {
    const examples = examplesOf(data)
    checkFeatures(estimator, features, examples)
    const { rows, x } = examples
    const [size, count] = [features.length, intercept.length]
    const sums = new Float64Array(rows * count)
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < count; k++) {
        let sum = 0
        for (let j = 0, at = row * size, of = k * size; j < size; j++, at++, of++) sum += (x[at] as number) * (coef[of] as number)
        sums[row * count + k] = sum + (intercept[k] as number)
      }
    }
    // A number that is not finite makes its sum so, even where its coefficient is 0.
    if (!sums.every(Number.isFinite)) checkNumeric(estimator, examples)
    return sums
  }
  const predict = (data: Table | Examples) => {
    const sums = decisions(data)
    if (task === 'regression') return sums
    return intercept.length === 1 ? sums.map((sum) => (sum > 0 ? 1 : 0)) : likeliest(sums, width)
  }
  const outputs = (data: Table | Examples) => {
    const sums = decisions(data)
    return task === 'regression' ? sums : softmax(intercept.length === 1 ? both(sums, link) : sums, width)
  }
  return {
    ...model,
    decisions,
    predict,
    outputs,
    ...(link === 'probabilities' && { predictProba: outputs }),
    score(data) {
      const examples = examplesOf(data)
      return scoreOf(task, estimator, width, predict(examples), examples, model.classes)
    },
    toOnnx: (options) => modelToOnnx(model, options?.metadata),
    toJson: () => modelToJson(model),
  }
}

/**
 * The linear model that its `toJson` gave, equal to the bit.
 *
 * @param from how sentences call where it came from
 * @throws FILE_CORRUPT
 */
export function fromJson(json: Json, from = 'The JSON of the linear model'): LinearPredictor {
  return linearPredictor(modelFromJson(json, from))
}

function both(sums: Float64Array, link: LinearLink): Float64Array {
  const pairs = new Float64Array(2 * sums.length)
  for (const [row, sum] of sums.entries()) {
    pairs[2 * row] = link === 'scores' ? -sum : 0
    pairs[2 * row + 1] = sum
  }
  return pairs
}

/** In place. */
function softmax(sums: Float64Array, width: number): Float64Array {
  for (let at = 0; at < sums.length; at += width) {
    const row = sums.subarray(at, at + width)
    const most = Math.max(...row)
    let total = 0
    for (let k = 0; k < width; k++) total += row[k] = Math.exp((row[k] as number) - most)
    for (let k = 0; k < width; k++) row[k] = (row[k] as number) / total
  }
  return sums
}
