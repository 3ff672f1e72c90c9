/** What metrics share: reading outputs and targets row by row. */
import { fail } from '../../core/errors.ts'
import { isFloat, type Tensor } from '../../tensor/index.ts'

/** Rows of class scores with their labels: [n, classes] with [n], or [n, time, classes] with [n, time]. */
export function classRows(
  metric: string,
  output: Tensor,
  target: Tensor,
): { rows: number; classes: number; scores: Float32Array; labels: Int32Array } {
  const classes = output.shape.at(-1) ?? 1
  const rows = classes === 0 ? 0 : output.data.length / classes
  if (isFloat(target.dtype) || target.data.length !== rows) {
    throw fail(
      'METRIC_UNSUITABLE',
      metric,
      `it needs one integer label a row of scores, not ${target.dtype}[${target.shape.join(', ')}] for [${output.shape.join(', ')}]`,
    )
  }
  return { rows, classes, scores: output.data as Float32Array, labels: target.data as Int32Array }
}

/** Index of the largest of a row; the first of equal ones. */
export function argMaxAt(scores: Float32Array, start: number, width: number): number {
  let best = 0
  for (let j = 1; j < width; j++) if ((scores[start + j] as number) > (scores[start + best] as number)) best = j
  return best
}

/** log of the sum of e^x of a row. */
export function logSumExpAt(scores: Float32Array, start: number, width: number): number {
  let top = Number.NEGATIVE_INFINITY
  for (let j = 0; j < width; j++) top = Math.max(top, scores[start + j] as number)
  let sum = 0
  for (let j = 0; j < width; j++) sum += Math.exp((scores[start + j] as number) - top)
  return top + Math.log(sum)
}

/** The predicted class: the largest of several scores, or whether a single logit is positive. */
export function predictedAt(scores: Float32Array, row: number, classes: number): number {
  return classes === 1 ? Number((scores[row] as number) > 0) : argMaxAt(scores, row * classes, classes)
}

/** Pairs of predicted and wanted numbers, of as many elements each. */
export function numberPairs(metric: string, output: Tensor, target: Tensor): { got: Float32Array; want: ArrayLike<number> } {
  if (output.data.length !== target.data.length) {
    throw fail(
      'METRIC_UNSUITABLE',
      metric,
      `it compares numbers one to one, but outputs are [${output.shape.join(', ')}] and targets [${target.shape.join(', ')}]`,
    )
  }
  return { got: output.data as Float32Array, want: target.data as Float32Array }
}
