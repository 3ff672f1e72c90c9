/** The contract between data and training: named columns of fixed-shape examples, read in batches. */
import type { Random } from '../core/random.ts'
import type { DType, Tensor } from '../tensor/index.ts'
import type { Encoding } from './encoding.ts'

/** One column of examples: its storage type, the shape of one example, and what its numbers mean. */
export interface Field {
  readonly dtype: DType
  /** Shape of one example; `[]` for a number or a label. */
  readonly shape: readonly number[]
  /** The logical value is `stored * scale + offset`; the compiled graph applies it, so images stay bytes until then. */
  readonly scale?: number
  readonly offset?: number
  /** Names of the label values 0..k-1. */
  readonly classes?: readonly string[]
  /** Names of the features of a `[k]` vector. One feature of a one-hot group is named 'column=value'. */
  readonly names?: readonly string[]
}

/** Some examples, one tensor `[size, ...field.shape]` a column. Buffers are reused: valid until the next batch is asked for. */
export interface Batch {
  readonly size: number
  readonly columns: Readonly<Record<string, Tensor>>
}

export interface BatchOptions {
  /** Examples a batch; the last one may hold fewer. */
  readonly batchSize: number
  /** Where the order of examples is drawn from; in stored order when absent. The same state gives the same order. */
  readonly shuffle?: Random
  /** Leaves out a last batch with fewer examples. */
  readonly dropLast?: boolean
  /** Batches to pass over, to go on in the middle of an epoch: the rest are exactly those that would have come. */
  readonly skip?: number
}

/**
 * Examples to learn from. In memory (`Table`) the batches are synchronous and the length is known; a stream's come one
 * after another from a file that may be larger than memory.
 */
export interface Dataset {
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
  /** Columns the model sees, usually `['x']`. */
  readonly inputs: readonly string[]
  /** Column to predict, usually `'y'`. */
  readonly target?: string
  /** How columns of a file became these numbers, where they came from one; needed to predict from such files. */
  readonly encoding?: Encoding
  /** Number of examples; undefined where it is known only at the end. */
  readonly length: number | undefined
  batches(options: BatchOptions): Iterable<Batch> | AsyncIterable<Batch>
}

/** One example as plain values: numbers for scalars, arrays (flat, row-major) for the rest. */
export type Row = Readonly<Record<string, number | ArrayLike<number>>>

/** What every named set gives. */
export interface Splits<D extends Dataset = Dataset> {
  readonly train: D
  readonly test: D
  /** Names of the label values. */
  readonly classes: readonly string[]
}
