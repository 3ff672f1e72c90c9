/** What splitters share: checked options, and folds from the fold that each row is tested in. */
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Fold, RowFacts } from './splitter.ts'

export interface FoldsOptions {
  /** Default 5. */
  readonly folds?: number
  /** Draws which rows go together instead of taking them in their order. Default false. */
  readonly shuffle?: boolean
}

export interface RepeatsOptions {
  /** Default 5. */
  readonly folds?: number
  /** Each time with another shuffle. Default 10. */
  readonly repeats?: number
}

/** @throws UNKNOWN_OPTION, BAD_OPTION */
export function checkFolds(name: string, options: FoldsOptions & RepeatsOptions, known: readonly string[]): void {
  checkOptions(name, options, known)
  const { folds = 5, repeats = 10, shuffle = false } = options
  if (!Number.isInteger(folds) || folds < 2) throw fail('BAD_OPTION', name, 'folds', folds, 'a whole number, at least 2')
  if (!Number.isInteger(repeats) || repeats < 1) throw fail('BAD_OPTION', name, 'repeats', repeats, 'a whole number, at least 1')
  if (typeof shuffle !== 'boolean') throw fail('BAD_OPTION', name, 'shuffle', shuffle, 'true or false')
}

/** @throws FOLDS_IMPOSSIBLE */
export function checkRows(splitter: string, { name, rows }: RowFacts, folds: number): void {
  if (rows < folds) throw fail('FOLDS_IMPOSSIBLE', name, splitter, `it has ${rows} rows for ${folds} folds`)
}

/** The folds where row r is tested in fold `tested[r]`. */
export function foldsFrom(tested: Int32Array, folds: number): Fold[] {
  const sizes = new Int32Array(folds)
  for (const fold of tested) sizes[fold]!++
  return Array.from(sizes, (size, fold) => {
    const [train, test] = [new Int32Array(tested.length - size), new Int32Array(size)]
    let [t, v] = [0, 0]
    for (let row = 0; row < tested.length; row++) {
      if (tested[row] === fold) test[v++] = row
      else train[t++] = row
    }
    return { train, test }
  })
}

/** The numbers from `start` to `end` (exclusive). */
export function range(start: number, end: number): Int32Array {
  return Int32Array.from({ length: end - start }, (_, i) => start + i)
}
