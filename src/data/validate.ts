/** A look at every value of a dataset before time is spent on training with it. */
import { checkColumn } from './column.ts'
import type { Dataset } from './dataset.ts'

export interface ValidateOptions {
  /** Labels of the target must be 0..classes-1, where its field names no classes. */
  readonly classes?: number
  /** Rows looked at; default: all. */
  readonly rows?: number
}

/**
 * Reads the dataset once: floats must be finite, labels within their classes. Tables were checked when they were made; this
 * is for streams and for labels that a model with `classes` outputs must be able to give.
 *
 * @throws VALUE_NOT_FINITE, LABEL_OUTSIDE, COLUMN_LENGTH naming row, column and value
 */
export async function validate(dataset: Dataset, options: ValidateOptions = {}): Promise<void> {
  const { classes, rows = Number.POSITIVE_INFINITY } = options
  let from = 0
  for await (const batch of dataset.batches({ batchSize: 1024 })) {
    for (const [name, { data }] of Object.entries(batch.columns)) {
      const field = dataset.fields[name]
      if (field === undefined) continue
      const limit = name === dataset.target && field.classes === undefined ? { classes } : {}
      checkColumn(`data set '${dataset.name}'`, name, { ...field, data }, { rows: batch.size, firstRow: from, ...limit })
    }
    from += batch.size
    if (from >= rows) return
  }
}
