/** The contract of splitters: which rows are trained on, and which are tested, in each fold. */
import type { Random } from '../../core/random.ts'

/** What a splitter may know of a table. */
export interface RowFacts {
  /** The data set's name, for errors. */
  readonly name: string
  readonly rows: number
  /** Labels 0..k-1, one a row; undefined where the target is a quantity or absent. */
  readonly labels: ArrayLike<number> | undefined
  /** Of the splitter's `group` column, one a row: rows of equal numbers belong together. */
  readonly groups: ArrayLike<number> | undefined
  /** For those that shuffle. */
  readonly random: Random
}

/** Row numbers, each in increasing order and with nothing in common. */
export interface Fold {
  readonly train: Int32Array
  readonly test: Int32Array
}

/**
 * Law: the same facts give the same folds; in each, training and test rows are disjoint, increasing, and not empty. What else holds
 * is said by `laws`, and the conformance suite checks it.
 */
export interface Splitter {
  readonly name: string
  /** Folds there will be, repeats included. */
  readonly folds: number
  /** The column that says which rows belong together. */
  readonly group?: string
  readonly laws: {
    /** How often each row is tested; undefined where only some are. */
    readonly tested?: number
    /** A fold's share of each label's rows differs from the others' by at most one row. */
    readonly stratified?: boolean
    /** No training row comes after a test row. */
    readonly ordered?: boolean
  }
  /** @throws FOLDS_IMPOSSIBLE */
  split(facts: RowFacts): Fold[]
}
