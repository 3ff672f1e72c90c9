import type { Metric } from '../metric.ts'
import { classRows } from './rows.ts'

interface Count {
  right: number
  all: number
}

/** Share of rows whose label is among the k largest scores (default 5); of equal scores the earlier class counts as larger. */
export function topK({ k = 5 }: { readonly k?: number } = {}): Metric<Count> {
  return {
    kind: 'topK',
    direction: 'maximize',
    init: () => ({ right: 0, all: 0 }),
    add(count, output, target) {
      const { rows, classes, scores, labels } = classRows('topK', output, target)
      for (let row = 0; row < rows; row++) {
        const label = labels[row] as number
        const own = scores[row * classes + label] as number
        let above = 0
        for (let j = 0; j < classes; j++) {
          const other = scores[row * classes + j] as number
          if (other > own || (other === own && j < label)) above++
        }
        if (above < k) count.right++
      }
      count.all += rows
    },
    finish: ({ right, all }) => right / all,
  }
}
