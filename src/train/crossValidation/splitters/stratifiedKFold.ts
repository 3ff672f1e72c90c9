import { fail } from '../../../core/errors.ts'
import { checkFolds, type FoldsOptions } from '../options.ts'
import { checkRows, foldsFrom } from '../rows.ts'
import type { Splitter } from '../splitter.ts'

/**
 * Folds in which each label has its share of rows, to within one. The labels, in the order of their first rows, are dealt out to the
 * folds in turn; each label's rows then fill the folds in their order, or shuffled. As scikit-learn's StratifiedKFold.
 */
export function stratifiedKFold(options: FoldsOptions = {}): Splitter {
  checkFolds('stratifiedKFold', options, ['folds', 'shuffle'])
  const { folds = 5, shuffle = false } = options
  return {
    name: 'stratifiedKFold',
    folds,
    laws: { tested: 1, stratified: true },
    split(facts) {
      checkRows('stratifiedKFold', facts, folds)
      const { name, rows, labels, random } = facts
      if (labels === undefined) throw fail('FOLDS_IMPOSSIBLE', name, 'stratifiedKFold', 'its target is no label. Use kFold')
      const byLabel = new Map<number, number[]>()
      for (let row = 0; row < rows; row++) {
        const label = labels[row] as number
        const found = byLabel.get(label)
        if (found) found.push(row)
        else byLabel.set(label, [row])
      }
      const most = Math.max(...[...byLabel.values()].map(({ length }) => length))
      if (most < folds)
        throw fail('FOLDS_IMPOSSIBLE', name, 'stratifiedKFold', `no label has as many as ${folds} rows. Use fewer folds, or kFold`)
      const tested = new Int32Array(rows)
      let dealt = 0
      for (const members of byLabel.values()) {
        const counts = new Int32Array(folds)
        for (let i = 0; i < members.length; i++) counts[dealt++ % folds]!++
        const places = Int32Array.from([...counts].flatMap((count, fold) => new Array<number>(count).fill(fold)))
        if (shuffle) random.shuffle(places)
        for (const [i, row] of members.entries()) tested[row] = places[i] as number
      }
      return foldsFrom(tested, folds)
    },
  }
}
