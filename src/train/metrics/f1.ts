import type { Metric } from '../metric.ts'
import { type AverageOptions, addToConfusion, averaged, type ConfusionMatrix } from './confusion.ts'

/** Harmonic mean of precision and recall. */
export function f1(options: AverageOptions = {}): Metric<ConfusionMatrix> {
  return {
    kind: 'f1',
    direction: 'maximize',
    init: () => ({ classes: 0, counts: new Float64Array(0) }),
    add: (matrix, output, target) => addToConfusion('f1', matrix, output, target),
    finish: (matrix) => averaged(matrix, options, (hit, predicted, wanted) => (2 * hit) / (predicted + wanted)),
  }
}
