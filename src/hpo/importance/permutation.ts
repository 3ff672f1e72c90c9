/**
 * Permutation importance: how much worse a tree foretells the rows it has not seen when one column of them is shuffled.
 * Breiman (2001), "Random Forests", section 10.
 */
import type { Random } from '../../core/random.ts'
import type { Grown } from './forest.ts'
import { predict } from './tree.ts'

/**
 * For each tree and column the rise of the mean squared error out of bag. `counts` says of a column where it counts: only among
 * those rows is it shuffled, for in the others it says nothing.
 */
export function rises(grown: readonly Grown[], y: Float64Array, counts: readonly (readonly boolean[])[], random: Random): number[][] {
  return grown.map(({ tree, values, outOfBag }, number) => {
    const error = (row: number, at: (column: number) => number) => (predict(tree, at) - (y[row] as number)) ** 2
    const plain = new Map(outOfBag.map((row) => [row, error(row, (column) => values[column]?.[row] as number)]))
    return values.map((own, shuffled) => {
      const rows = outOfBag.filter((row) => counts[shuffled]?.[row])
      const others = random.fork(number, shuffled).shuffle([...rows])
      let rise = 0
      rows.forEach((row, i) => {
        const at = (column: number) => (column === shuffled ? own[others[i] as number] : values[column]?.[row]) as number
        rise += error(row, at) - (plain.get(row) as number)
      })
      return rise / outOfBag.length
    })
  })
}
