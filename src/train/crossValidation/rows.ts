/** What splitters share: folds from the fold that each row is tested in. */
import { fail } from '../../core/errors.ts'
import type { Fold, RowFacts } from './splitter.ts'

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
