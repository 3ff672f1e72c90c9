import { checkFolds, type FoldsOptions } from '../options.ts'
import { checkRows, foldsFrom, range } from '../rows.ts'
import type { Splitter } from '../splitter.ts'

/** Blocks of rows in their order, or of shuffled ones; sizes differ by at most one, larger ones first. As scikit-learn's KFold. */
export function kFold(options: FoldsOptions = {}): Splitter {
  checkFolds('kFold', options, ['folds', 'shuffle'])
  const { folds = 5, shuffle = false } = options
  return {
    name: 'kFold',
    folds,
    laws: { tested: 1 },
    split(facts) {
      checkRows('kFold', facts, folds)
      const { rows, random } = facts
      const order = shuffle ? random.shuffle(range(0, rows)) : range(0, rows)
      const [size, larger] = [Math.floor(rows / folds), rows % folds]
      const tested = new Int32Array(rows)
      for (let fold = 0, at = 0; fold < folds; fold++)
        for (const end = at + size + (fold < larger ? 1 : 0); at < end; at++) tested[order[at] as number] = fold
      return foldsFrom(tested, folds)
    },
  }
}
