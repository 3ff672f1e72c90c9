import type { Tensor } from '../../tensor/index.ts'
import { classRows, predictedAt } from './rows.ts'

/** Counts by wanted class (row) and predicted class (column). */
export interface ConfusionMatrix {
  classes: number
  counts: Float64Array
}

/** Adds a batch to a confusion matrix; a single logit a row counts as two classes. */
export function addToConfusion(metric: string, matrix: ConfusionMatrix, output: Tensor, target: Tensor): void {
  const { rows, classes, scores, labels } = classRows(metric, output, target)
  const size = Math.max(2, classes)
  if (matrix.classes === 0) Object.assign(matrix, { classes: size, counts: new Float64Array(size * size) })
  for (let row = 0; row < rows; row++) matrix.counts[(labels[row] as number) * size + predictedAt(scores, row, classes)]! += 1
}

/** True positives, predicted and wanted counts of a class. */
export function countsOf({ classes, counts }: ConfusionMatrix, of: number): { hit: number; predicted: number; wanted: number } {
  let predicted = 0
  let wanted = 0
  for (let j = 0; j < classes; j++) {
    predicted += counts[j * classes + of] as number
    wanted += counts[of * classes + j] as number
  }
  return { hit: counts[of * classes + of] as number, predicted, wanted }
}

export interface AverageOptions {
  /**
   * 'binary': the positive class alone (default for two classes); 'macro': mean over classes (default for more);
   * 'micro': over all rows together.
   */
  readonly average?: 'binary' | 'macro' | 'micro'
  /** The positive class of 'binary'; default 1. */
  readonly positive?: number
}

/** Averages a score of (hit, predicted, wanted) over the classes, as scikit-learn does; 0 where it has no meaning. */
export function averaged(
  matrix: ConfusionMatrix,
  { average, positive = 1 }: AverageOptions,
  score: (hit: number, predicted: number, wanted: number) => number,
): number {
  const of = (c: number) => countsOf(matrix, c)
  const safe = (hit: number, predicted: number, wanted: number) => {
    const value = score(hit, predicted, wanted)
    return Number.isFinite(value) ? value : 0
  }
  const how = average ?? (matrix.classes === 2 ? 'binary' : 'macro')
  const classes = Array.from({ length: matrix.classes }, (_, c) => of(c))
  if (how === 'binary') {
    const { hit, predicted, wanted } = of(positive)
    return safe(hit, predicted, wanted)
  }
  if (how === 'micro') {
    const total = classes.reduce((sum, c) => ({
      hit: sum.hit + c.hit,
      predicted: sum.predicted + c.predicted,
      wanted: sum.wanted + c.wanted,
    }))
    return safe(total.hit, total.predicted, total.wanted)
  }
  const seen = classes.filter((c) => c.wanted + c.predicted > 0)
  return seen.reduce((sum, c) => sum + safe(c.hit, c.predicted, c.wanted), 0) / seen.length
}

/** A confusion matrix for people: one row a wanted class, one column a predicted one. */
export interface ConfusionTable {
  /** The classes' names, or their numbers. */
  readonly names: readonly string[]
  /** `counts[wanted][predicted]`. */
  readonly counts: readonly (readonly number[])[]
  /** Aligned text, the wanted classes down the side. */
  toString(): string
}

export function confusionTable({ classes, counts }: ConfusionMatrix, known: readonly string[] | undefined): ConfusionTable {
  const names = Array.from({ length: classes }, (_, c) => known?.[c] ?? String(c))
  const rows = names.map((_, wanted) => Array.from(counts.subarray(wanted * classes, (wanted + 1) * classes)))
  return {
    names,
    counts: rows,
    toString() {
      const cells = [['', ...names], ...rows.map((row, wanted) => [names[wanted] as string, ...row.map(String)])]
      const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
      return cells
        .map((row) =>
          row
            .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
            .join('  ')
            .trimEnd(),
        )
        .join('\n')
    },
  }
}
