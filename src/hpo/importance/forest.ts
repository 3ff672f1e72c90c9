/** A random forest of regression trees, each on a part of the rows. Breiman (2001), "Random Forests". */
import type { Random } from '../../core/random.ts'
import type { Design } from './design.ts'
import { growTree, type Tree } from './tree.ts'

export interface Grown {
  readonly tree: Tree
  /** The columns it grew on: of the design, but for what did not count. */
  readonly values: readonly Float64Array[]
  /** Rows it has not seen. */
  readonly outOfBag: readonly number[]
}

/** As many as Optuna and the authors' package of fANOVA use or more. */
const trees = 64
/** Of one row, leaves would repeat the noise of single trials. */
const leaf = 2
/**
 * Of the rows, drawn without replacement. Drawn with replacement (as is usual) a tree sees 63 of 100: on functions whose
 * variances are known, the errors of the importances were a fifth larger.
 */
const part = 0.8

/**
 * Where a dimension does not count, any value of it would give the same result: each tree gets another one by chance. So it
 * cannot learn from a dimension whether it counts (that belongs to what its condition is on), but does within where it counts.
 */
export function forest({ columns, y }: Design, random: Random): Grown[] {
  return Array.from({ length: trees }, (_, number) => {
    const chance = random.fork('tree', number)
    const filled = columns.map(({ name, categories, values }) => {
      if (!values.some(Number.isNaN)) return { categories, values }
      const fill = chance.fork('fill', name)
      return {
        categories,
        values: values.map((value) => (!Number.isNaN(value) ? value : categories > 0 ? fill.int(categories) : fill.uniform())),
      }
    })
    const rows = chance.fork('bag').shuffle([...y.keys()])
    const seen = Math.round(part * rows.length)
    return {
      tree: growTree({ columns: filled, y, rows: rows.slice(0, seen), leaf }),
      values: filled.map(({ values }) => values),
      outOfBag: rows.slice(seen),
    }
  })
}
