/** Taking inputs away from a dataset of any kind. */
import type { Batch, Dataset } from './dataset.ts'
import { type Cut, cutFields, narrow } from './features.ts'

/**
 * The dataset without these inputs: columns, features of a vector, or groups of one-hot features. Tables and streams stay what
 * they are; of any other kind of dataset, the batches are narrowed as they come.
 *
 * @throws COLUMN_UNKNOWN
 * @example `data.withoutFeatures(data.shiftImages(set), 'age', 'workclass')`
 */
export function withoutFeatures<D extends Dataset>(dataset: D, ...names: readonly string[]): D {
  if ('without' in dataset && typeof dataset.without === 'function') return dataset.without(...names)
  const cut = cutFields(dataset, names, false)
  const { fields, inputs, encoding } = cut
  const { encoding: _, ...rest } = dataset
  const narrowed: Dataset = {
    ...rest,
    fields,
    inputs,
    ...(encoding !== undefined && { encoding }),
    batches(options) {
      const batches = dataset.batches(options)
      const change = (batch: Batch) => narrowBatch(batch, cut)
      return Symbol.iterator in batches ? mapped(batches, change) : mappedAsync(batches, change)
    },
  }
  // What a dataset of another's making has besides, it keeps.
  return narrowed as D
}

function narrowBatch(batch: Batch, { fields, kept }: Cut): Batch {
  const columns = Object.entries(batch.columns).flatMap(([key, column]) => {
    if (!Object.hasOwn(fields, key)) return []
    const places = kept.get(key)
    if (places === undefined) return [[key, column] as const]
    const data = narrow(column.data, column.shape[1] as number, places)
    return [[key, { ...column, shape: [batch.size, places.length], data }] as const]
  })
  return { size: batch.size, columns: Object.fromEntries(columns) }
}

function* mapped(batches: Iterable<Batch>, change: (batch: Batch) => Batch): Iterable<Batch> {
  for (const batch of batches) yield change(batch)
}

async function* mappedAsync(batches: AsyncIterable<Batch>, change: (batch: Batch) => Batch): AsyncIterable<Batch> {
  for await (const batch of batches) yield change(batch)
}
