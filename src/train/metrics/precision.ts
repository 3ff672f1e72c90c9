import type { Metric } from '../metric.ts'
import { type AverageOptions, addToConfusion, averaged, type ConfusionMatrix } from './confusion.ts'

/** Share of the rows predicted as a class that are of it. */
export function precision(options: AverageOptions = {}): Metric<ConfusionMatrix> {
  return {
    kind: 'precision',
    direction: 'maximize',
    init: () => ({ classes: 0, counts: new Float64Array(0) }),
    add: (matrix, output, target) => addToConfusion('precision', matrix, output, target),
    finish: (matrix) => averaged(matrix, options, (hit, predicted) => hit / predicted),
  }
}
