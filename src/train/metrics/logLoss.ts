import type { Metric } from '../metric.ts'
import { classRows, logSumExpAt } from './rows.ts'

interface Sum {
  total: number
  rows: number
}

/** Mean negative log-likelihood of the labels in nats, from logits: cross-entropy without weights or smoothing. */
export function logLoss(): Metric<Sum> {
  return { kind: 'logLoss', ...likelihood('logLoss', (mean) => mean) }
}

/** e to the log loss: how many equally likely choices the model is as unsure as. */
export function perplexity(): Metric<Sum> {
  return { kind: 'perplexity', ...likelihood('perplexity', Math.exp) }
}

function likelihood(kind: string, of: (mean: number) => number): Omit<Metric<Sum>, 'kind'> {
  return {
    direction: 'minimize',
    init: () => ({ total: 0, rows: 0 }),
    add(sum, output, target) {
      const { rows, classes, scores, labels } = classRows(kind, output, target)
      for (let row = 0; row < rows; row++) {
        const label = labels[row] as number
        if (classes === 1) {
          const z = (label === 1 ? -1 : 1) * (scores[row] as number)
          sum.total += Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)))
        } else sum.total += logSumExpAt(scores, row * classes, classes) - (scores[row * classes + label] as number)
      }
      sum.rows += rows
    },
    finish: ({ total, rows }) => of(total / rows),
  }
}
