/** Augmentation: each time an example is drawn for training it looks a little different. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { checkOptions } from '../core/registry.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Batch, Dataset } from './dataset.ts'

export interface ShiftOptions {
  /** Largest move in each direction; default 1. 0 gives the dataset itself. */
  readonly pixels?: number
  /** The column of images [channels, height, width] or [height, width]; default 'x'. */
  readonly column?: string
}

/**
 * Moves each image by up to so many pixels, up or down and left or right; what moves in is 0. The moves are drawn from the
 * epoch's shuffle, so the same seed moves the same images; without a shuffle nothing moves, as for evaluation.
 *
 * @example `const moved = data.shiftImages(train, { pixels: 1 })`
 */
export function shiftImages(images: Dataset, options: ShiftOptions = {}): Dataset {
  checkOptions('data.shiftImages', options, ['pixels', 'column'])
  const { pixels = 1, column = 'x' } = options
  const field = images.fields[column]
  const [height = 0, width = 0] = field?.shape.slice(-2) ?? []
  if (!Number.isInteger(pixels) || pixels < 0) throw fail('BAD_OPTION', 'data.shiftImages', 'pixels', pixels, 'a whole number, at least 0')
  if (!field || field.shape.length < 2)
    throw fail('BAD_OPTION', 'data.shiftImages', 'column', column, `a column of images; there are ${Object.keys(images.fields).join(', ')}`)
  if (pixels === 0) return images
  const { name, fields, inputs, target, length, encoding } = images
  return {
    name,
    fields,
    inputs,
    ...(target !== undefined && { target }),
    length,
    ...(encoding !== undefined && { encoding }),
    batches(batchOptions) {
      const { shuffle, skip = 0 } = batchOptions
      // Before the order is drawn: the moves must not depend on where the stream stands after it.
      const moves = shuffle?.fork('shiftImages')
      const batches = images.batches(batchOptions)
      if (!moves) return batches
      const change = shifter(column, height, width, pixels, moves, skip)
      return Symbol.iterator in batches ? mapped(batches, change) : mappedAsync(batches, change)
    },
  }
}

function* mapped(batches: Iterable<Batch>, change: (batch: Batch) => Batch): Iterable<Batch> {
  for (const batch of batches) yield change(batch)
}

async function* mappedAsync(batches: AsyncIterable<Batch>, change: (batch: Batch) => Batch): AsyncIterable<Batch> {
  for await (const batch of batches) yield change(batch)
}

/** Shifts whole batches into one reused buffer. Draws are named by the batch's number, so skipping batches skips theirs. */
function shifter(column: string, height: number, width: number, pixels: number, moves: Random, first: number): (batch: Batch) => Batch {
  const plane = height * width
  let index = first
  let buffer: Tensor | undefined
  return (batch) => {
    const source = batch.columns[column] as Tensor<'uint8'>
    if (buffer?.shape[0] !== source.shape[0]) buffer = { ...source, data: source.data.slice() }
    const target = buffer as Tensor<'uint8'>
    const random = moves.fork(index++)
    const planes = source.data.length / plane / batch.size
    for (let i = 0; i < batch.size; i++) {
      const down = random.int(2 * pixels + 1) - pixels
      const right = random.int(2 * pixels + 1) - pixels
      for (let p = 0; p < planes; p++) shiftPlane(source.data, target.data, (i * planes + p) * plane, height, width, down, right)
    }
    return { size: batch.size, columns: { ...batch.columns, [column]: target } }
  }
}

/** One plane as one copy at an offset; then the rows and columns that moved in are cleared. */
function shiftPlane(from: Uint8Array, to: Uint8Array, at: number, height: number, width: number, down: number, right: number): void {
  const plane = height * width
  const offset = down * width + right
  const length = Math.max(0, plane - Math.abs(offset))
  const start = Math.max(0, -offset)
  to.fill(0, at, at + plane)
  to.set(from.subarray(at + start, at + start + length), at + start + offset)
  const [first, last] = right > 0 ? [0, right] : [width + right, width]
  for (let row = 0; row < height; row++) for (let c = first; c < last; c++) to[at + row * width + c] = 0
}
