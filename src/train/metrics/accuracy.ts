import type { Metric } from '../metric.ts'
import { classRows, predictedAt } from './rows.ts'

interface Count {
  right: number
  all: number
}

/** Share of rows whose largest score is the label's. */
export function accuracy(): Metric<Count> {
  return {
    kind: 'accuracy',
    direction: 'maximize',
    init: () => ({ right: 0, all: 0 }),
    add(count, output, target) {
      const { rows, classes, scores, labels } = classRows('accuracy', output, target)
      for (let row = 0; row < rows; row++) if (predictedAt(scores, row, classes) === labels[row]) count.right++
      count.all += rows
    },
    finish: ({ right, all }) => right / all,
  }
}
