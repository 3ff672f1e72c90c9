import type { Metric } from '../metric.ts'
import { numberPairs } from './rows.ts'

interface Sum {
  total: number
  count: number
}

/** Mean squared error. */
export function mse(): Metric<Sum> {
  return meanOf('mse', (difference) => difference * difference)
}

/** Mean absolute error. */
export function mae(): Metric<Sum> {
  return meanOf('mae', Math.abs)
}

function meanOf(kind: string, of: (difference: number) => number): Metric<Sum> {
  return {
    kind,
    direction: 'minimize',
    init: () => ({ total: 0, count: 0 }),
    add(sum, output, target) {
      const { got, want } = numberPairs(kind, output, target)
      for (let i = 0; i < got.length; i++) sum.total += of((got[i] as number) - (want[i] as number))
      sum.count += got.length
    },
    finish: ({ total, count }) => total / count,
  }
}
