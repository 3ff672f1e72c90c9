/** How good predictions are, as `score` tells it. */
import { fail } from '../core/errors.ts'
import type { Examples, Task } from './examples.ts'

/** The largest of each row's numbers; the first one of equals. */
export function likeliest(outputs: Float64Array, width: number): Float64Array {
  const rows = outputs.length / width
  const labels = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let best = 0
    for (let k = 1; k < width; k++) if ((outputs[row * width + k] as number) > (outputs[row * width + best] as number)) best = k
    labels[row] = best
  }
  return labels
}

/**
 * Share of equal labels, or R squared: 1 - squared errors / squared distances from the mean.
 *
 * @param learned names of the labels that are predicted: another table may number the same names otherwise, so names decide where
 * there are any in common
 * @throws NO_TARGET, PREDICT_CLASSES
 */
export function scoreOf(
  task: Task,
  of: string,
  width: number,
  predicted: Float64Array,
  { name, y, rows, classes }: Examples,
  learned?: readonly string[],
): number {
  if (y === undefined) throw fail('NO_TARGET', name)
  if (rows === 0) throw fail('FIT_EMPTY', name, 'rows')
  if (task === 'classification') {
    const named = learned && classes && learned !== classes && classes.some((label) => learned.includes(label))
    const places = named ? classes.map((label) => learned.indexOf(label)) : undefined
    const numberOf = (label: number) => places?.[label] ?? label
    const unknown = y.findIndex((label) => !(numberOf(label) >= 0 && numberOf(label) < width))
    if (unknown >= 0) throw fail('PREDICT_CLASSES', of, name, classes?.[y[unknown] as number] ?? String(y[unknown]), width)
    let right = 0
    for (let row = 0; row < rows; row++) if (numberOf(y[row] as number) === predicted[row]) right++
    return right / rows
  }
  const mean = y.reduce((sum, value) => sum + value, 0) / rows
  let errors = 0
  let spread = 0
  for (let row = 0; row < rows; row++) {
    errors += ((y[row] as number) - (predicted[row] as number)) ** 2
    spread += ((y[row] as number) - mean) ** 2
  }
  // As scikit-learn: of a constant target, 1 where all is right, else 0.
  if (spread === 0) return errors === 0 ? 1 : 0
  return 1 - errors / spread
}
