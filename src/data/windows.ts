/** Text to predict itself: windows of tokens and the same windows one token later. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import { checkBatchOptions } from './batches.ts'
import type { Batch, BatchOptions, Dataset, Field } from './dataset.ts'

export interface WindowOptions {
  readonly name?: string
  /** Tokens of a window. */
  readonly context: number
  /** Windows an epoch. Default: as many as lie side by side in the tokens. */
  readonly length?: number
  /** What the numbers stand for. */
  readonly classes?: readonly string[]
}

/** Windows of a token array, cut as they are asked for. x: int32 [context]; y: int32 [context], x one token later. */
export interface Windows extends Dataset {
  readonly length: number
  readonly tokens: Int32Array
  batches(options: BatchOptions): Iterable<Batch>
}

/**
 * Windows over tokens. With `shuffle` they begin at random places (all equally likely); without, they lie side by side from
 * the first token on, so that an evaluation sees every token once (the last few that fill no window excepted).
 *
 * @throws NO_ROWS when there are too few tokens for one window.
 */
export function windows(tokens: Int32Array, options: WindowOptions): Windows {
  checkOptions('windows', options, ['name', 'context', 'length', 'classes'])
  const { name = 'windows', context, classes } = options
  if (!Number.isInteger(context) || context < 1) throw fail('BAD_OPTION', 'windows', 'context', context, 'a whole number of at least 1')
  const sideBySide = Math.floor((tokens.length - 1) / context)
  if (sideBySide < 1) throw fail('NO_ROWS', `'${name}'`, `${tokens.length} tokens make no window of ${context} and the token after it`)
  const length = options.length ?? sideBySide
  const field: Field = { dtype: 'int32', shape: [context], ...(classes === undefined ? {} : { classes }) }
  return {
    name,
    fields: { x: field, y: field },
    inputs: ['x'],
    target: 'y',
    length,
    tokens,
    batches(batchOptions) {
      checkBatchOptions(batchOptions)
      const { batchSize, shuffle, dropLast, skip = 0 } = batchOptions
      const starts = Int32Array.from({ length }, (_, i) => (shuffle ? shuffle.int(tokens.length - context) : (i % sideBySide) * context))
      const count = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize)
      return {
        *[Symbol.iterator]() {
          const most = Math.min(batchSize, length)
          const x = new Int32Array(most * context)
          const y = new Int32Array(most * context)
          const view = (size: number): Batch => ({
            size,
            columns: {
              x: { dtype: 'int32', shape: [size, context], data: size === most ? x : x.subarray(0, size * context) },
              y: { dtype: 'int32', shape: [size, context], data: size === most ? y : y.subarray(0, size * context) },
            },
          })
          const full = view(most)
          for (let index = skip; index < count; index++) {
            const size = Math.min(batchSize, length - index * batchSize)
            for (let row = 0; row < size; row++) {
              const start = starts[index * batchSize + row] as number
              x.set(tokens.subarray(start, start + context), row * context)
              y.set(tokens.subarray(start + 1, start + 1 + context), row * context)
            }
            yield size === most ? full : view(size)
          }
        },
      }
    },
  }
}
