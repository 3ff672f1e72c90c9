import { fail } from '../../core/errors.ts'
import type { Metric } from '../metric.ts'
import { classRows } from './rows.ts'

interface Scores {
  scores: number[]
  labels: number[]
}

/**
 * Area under the ROC curve of a two-class model: the chance that a positive row scores above a negative one, ties counting
 * half (Mann-Whitney U). Takes one logit a row, or two scores, whose difference is the logit.
 */
export function rocAuc(): Metric<Scores> {
  return {
    kind: 'rocAuc',
    direction: 'maximize',
    init: () => ({ scores: [], labels: [] }),
    add(state, output, target) {
      const { rows, classes, scores, labels } = classRows('rocAuc', output, target)
      if (classes > 2) throw fail('METRIC_UNSUITABLE', 'rocAuc', `it needs two classes, not ${classes}`)
      for (let row = 0; row < rows; row++) {
        const at = row * classes
        state.scores.push(classes === 1 ? (scores[at] as number) : (scores[at + 1] as number) - (scores[at] as number))
        state.labels.push(labels[row] as number)
      }
    },
    finish: ({ scores, labels }) => areaUnderRoc(scores, labels),
  }
}

function areaUnderRoc(scores: readonly number[], labels: readonly number[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number))
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const negatives = labels.length - positives
  let rankSum = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) end++
    const rank = (start + 1 + end) / 2 // tied scores share the mean of their ranks
    for (let i = start; i < end; i++) if (labels[order[i] as number] === 1) rankSum += rank
    start = end
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
