import { fail } from '../../../core/errors.ts'
import { checkFolds } from '../options.ts'
import { foldsFrom } from '../rows.ts'
import type { Splitter } from '../splitter.ts'

export interface GroupKFoldOptions {
  /** Default 5. */
  readonly folds?: number
  /** Column whose equal values belong together: a patient, a day, a machine. */
  readonly group?: string
}

/**
 * Folds that no group is split by, of as equal sizes as the largest groups allow: from the largest on, each goes to the fold with the
 * fewest rows so far. As scikit-learn's GroupKFold.
 */
export function groupKFold(options: GroupKFoldOptions = {}): Splitter {
  checkFolds('groupKFold', options, ['folds', 'group'])
  const { folds = 5, group } = options
  if (typeof group !== 'string' || group === '') throw fail('BAD_OPTION', 'groupKFold', 'group', group, 'the name of a column')
  return {
    name: 'groupKFold',
    folds,
    group,
    laws: { tested: 1 },
    split({ name, rows, groups }) {
      if (groups === undefined) throw fail('INTERNAL', 'groupKFold was given no groups')
      const sizes = new Map<number, number>()
      for (let row = 0; row < rows; row++) sizes.set(groups[row] as number, (sizes.get(groups[row] as number) ?? 0) + 1)
      if (sizes.size < folds)
        throw fail('FOLDS_IMPOSSIBLE', name, 'groupKFold', `its column '${group}' has ${sizes.size} groups for ${folds} folds`)
      // Of groups as large as each other the one with the larger value comes first.
      const largest = [...sizes].sort(([a, m], [b, n]) => n - m || b - a)
      const filled = new Float64Array(folds)
      const foldOf = new Map<number, number>()
      for (const [value, size] of largest) {
        const lightest = filled.indexOf(Math.min(...filled))
        filled[lightest]! += size
        foldOf.set(value, lightest)
      }
      return foldsFrom(
        Int32Array.from({ length: rows }, (_, row) => foldOf.get(groups[row] as number) as number),
        folds,
      )
    },
  }
}
