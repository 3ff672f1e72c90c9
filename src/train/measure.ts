/** Metrics of what an estimator learned, by the same folds as those of networks. */
import { fail } from '../core/errors.ts'
import type { Table } from '../data/index.ts'
import { type Examples, examplesOf, type Predictor, type Task } from '../estimator/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import type { Metrics } from './environment.ts'
import { type MetricSpec, toMetric } from './evaluate.ts'

/**
 * Metrics of a predictor. Metrics take logits, so probabilities come as their logarithms: accuracy, logLoss, topK, rocAuc and f1 are
 * those of the probabilities. A label that was not there when it learned counts as one with probability 0.
 *
 * @throws NO_TARGET, DATA_EMPTY, METRIC_UNSUITABLE, PREDICT_FEATURES
 */
export function measure(predictor: Predictor, data: Table | Examples, metrics?: readonly MetricSpec[]): Metrics {
  const examples = examplesOf(data)
  const { name, rows, y } = examples
  if (y === undefined) throw fail('NO_TARGET', name)
  if (rows === 0) throw fail('DATA_EMPTY', name)
  const { task, width } = predictor
  const outputs = predictor.outputs(data)
  return measureOutputs({ task, outputs, width, y }, metrics ?? defaultMetrics(task, examples))
}

/** What is measured where nobody says what. rocAuc has a meaning only where both of two labels occur. */
export function defaultMetrics(task: Task, { y, classes }: Pick<Examples, 'y' | 'classes'>): readonly MetricSpec[] {
  if (task === 'regression') return ['r2', 'mae', 'mse']
  const seen = new Set(y)
  const two = (classes?.length ?? seen.size) === 2 && seen.size === 2
  return two ? ['accuracy', 'logLoss', 'rocAuc'] : ['accuracy', 'logLoss']
}

export interface Outputs {
  readonly task: Task
  /** Row-major [rows, width], as predictors give them. */
  readonly outputs: Float64Array
  readonly width: number
  /** Labels or quantities, one a row. */
  readonly y: Float64Array
}

/** Metrics of outputs that are there already: of the members of a family. */
export function measureOutputs(given: Outputs, metrics: readonly MetricSpec[]): Metrics {
  const { output, target } = given.task === 'classification' ? logits(given) : values(given)
  return Object.fromEntries(
    metrics.map(toMetric).map((metric) => {
      const state = metric.init()
      metric.add(state, output, target)
      return [metric.kind, metric.finish(state)]
    }),
  )
}

interface Pair {
  readonly output: Tensor
  readonly target: Tensor
}

function logits({ outputs, width, y }: Outputs): Pair {
  const rows = y.length
  const labels = Int32Array.from(y)
  let classes = width
  for (const label of labels) if (label >= classes) classes = label + 1
  const scores = new Float64Array(rows * classes).fill(Math.log(least))
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < width; k++) scores[row * classes + k] = Math.log(Math.max(outputs[row * width + k] as number, least))
  return { output: tensor('float64', [rows, classes], scores), target: tensor('int32', [rows], labels) }
}

function values({ outputs, y }: Outputs): Pair {
  return { output: tensor('float64', [y.length], outputs), target: tensor('float64', [y.length], y) }
}

/** No probability is so small that its logarithm is infinite: scikit-learn's log loss has the same bound. */
const least = Number.EPSILON
