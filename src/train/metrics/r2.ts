import type { Metric } from '../metric.ts'
import { numberPairs } from './rows.ts'

interface Moments {
  count: number
  mean: number
  /** Sum of squared distances to the mean so far (Welford). */
  spread: number
  residual: number
}

/** Coefficient of determination: 1 - residual sum of squares / total sum of squares. 0 predicts the mean, 1 is exact. */
export function r2(): Metric<Moments> {
  return {
    kind: 'r2',
    direction: 'maximize',
    init: () => ({ count: 0, mean: 0, spread: 0, residual: 0 }),
    add(moments, output, target) {
      const { got, want } = numberPairs('r2', output, target)
      for (let i = 0; i < got.length; i++) {
        const y = want[i] as number
        moments.count++
        const away = y - moments.mean
        moments.mean += away / moments.count
        moments.spread += away * (y - moments.mean)
        moments.residual += ((got[i] as number) - y) ** 2
      }
    },
    finish: ({ spread, residual }) => (spread === 0 ? (residual === 0 ? 1 : 0) : 1 - residual / spread),
  }
}
