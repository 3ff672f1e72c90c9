import type { Metric } from '../metric.ts'
import { type AverageOptions, addToConfusion, averaged, type ConfusionMatrix } from './confusion.ts'

/** Share of the rows of a class that are predicted as it. */
export function recall(options: AverageOptions = {}): Metric<ConfusionMatrix> {
  return {
    kind: 'recall',
    direction: 'maximize',
    init: () => ({ classes: 0, counts: new Float64Array(0) }),
    add: (matrix, output, target) => addToConfusion('recall', matrix, output, target),
    finish: (matrix) => averaged(matrix, options, (hit, _predicted, wanted) => hit / wanted),
  }
}
