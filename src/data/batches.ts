/** Batches of columns in memory: one permutation an epoch, rows copied into buffers that are reused. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { ArrayOf, DType, Tensor } from '../tensor/index.ts'
import { allocate, type Column, gatherer, widthOf } from './column.ts'
import type { Batch, BatchOptions } from './dataset.ts'

/**
 * The batches of the named rows (`rows` undefined: all of them), in order or in one drawn from `options.shuffle`.
 *
 * All full batches are the same object with the same tensors, filled anew, so a consumer may bind its buffers once.
 * The order is drawn when this is called, whatever is skipped. Iterating twice gives the same batches twice.
 */
export function batchesOf(
  columns: Readonly<Record<string, Column>>,
  length: number,
  rows: Int32Array | undefined,
  options: BatchOptions,
): Iterable<Batch> {
  checkBatchOptions(options)
  const { batchSize } = options
  const order = options.shuffle === undefined ? rows : permute(rows?.slice() ?? identity(length), options.shuffle)
  const count = options.dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize)
  return {
    *[Symbol.iterator]() {
      const sources = Object.entries(columns).map(([name, column]) => {
        const width = widthOf(column)
        const buffer = allocate(column.dtype, Math.min(batchSize, length) * width)
        return { name, column, width, buffer, gather: gatherer(buffer, column.data, width) }
      })
      const view = (size: number): Batch => ({
        size,
        columns: Object.fromEntries(sources.map(({ name, column, width, buffer }) => [name, tensorOf(column, buffer, size, width)])),
      })
      const full = view(Math.min(batchSize, length))
      for (let index = options.skip ?? 0; index < count; index++) {
        const start = index * batchSize
        const size = Math.min(batchSize, length - start)
        for (const { gather } of sources) gather(order, start, size)
        yield size === full.size ? full : view(size)
      }
    },
  }
}

export function checkBatchOptions({ batchSize, skip = 0 }: BatchOptions): void {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw fail('BAD_OPTION', 'batches', 'batchSize', batchSize, 'a whole number of at least 1')
  if (!Number.isInteger(skip) || skip < 0) throw fail('BAD_OPTION', 'batches', 'skip', skip, 'a whole number of at least 0')
}

/** 0, 1, ..., length - 1. */
export function identity(length: number): Int32Array {
  const order = new Int32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  return order
}

/**
 * Fisher-Yates in place. The same as `random.shuffle`, four times as fast: this one runs over every example of every epoch.
 * Whole numbers below n without a division: D. Lemire, Fast Random Integer Generation in an Interval (2019).
 */
export function permute(order: Int32Array, random: Random): Int32Array {
  for (let n = order.length; n > 1; n--) {
    let j = 0
    if (n > 2 ** 21) j = random.int(n)
    else
      for (;;) {
        const product = random.bits() * n // exact: below 2 ** 53
        j = Math.floor(product / 2 ** 32)
        const low = product - j * 2 ** 32
        if (low >= n || low >= 2 ** 32 % n) break
      }
    const kept = order[n - 1] as number
    order[n - 1] = order[j] as number
    order[j] = kept
  }
  return order
}

function tensorOf(column: Column, buffer: ArrayOf<DType>, size: number, width: number): Tensor {
  const data = size * width === buffer.length ? buffer : (buffer.subarray(0, size * width) as ArrayOf<DType>)
  return { dtype: column.dtype, shape: [size, ...column.shape], data }
}
