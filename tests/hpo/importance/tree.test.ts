import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../../src/core/random.ts'
import { effects } from '../../../src/hpo/importance/fanova.ts'
import { growTree, predict, type Tree } from '../../../src/hpo/importance/tree.ts'
import fc from '../../laws.ts'

/** Rows of numbers and categories, many of them equal, and what they gave. */
function rowsOf(seed: number, count: number, categories: readonly number[], distinct: number) {
  const chance = random(seed)
  const columns = categories.map((n) => ({
    categories: n,
    values: Float64Array.from({ length: count }, () => (n > 0 ? chance.int(n) : (chance.int(distinct) + 0.5) / distinct)),
  }))
  const y = Float64Array.from({ length: count }, () => chance.int(5) + chance.uniform() * chance.int(2))
  return { columns, y, rows: Array.from({ length: count }, (_, row) => row) }
}

const shapes = fc.array(fc.constantFrom(0, 0, 2, 3, 5), { minLength: 1, maxLength: 3 })

const squares = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

test('the root splits as the best of all splits does', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 14 }), shapes, fc.integer({ min: 1, max: 3 }), (seed, count, categories, few) => {
      // By their means, categories are parted as well as can be only where no side is too small.
      const leaf = categories.some((n) => n > 2) ? 1 : few
      const { columns, y, rows } = rowsOf(seed, count, categories, 6)
      const errorOf = (left: (row: number) => boolean) => {
        const sides = [rows.filter(left), rows.filter((row) => !left(row))]
        if (sides.some((side) => side.length < leaf)) return squares([...y])
        return sides.reduce((sum, side) => sum + squares(side.map((row) => y[row] as number)), 0)
      }
      const errors = columns.flatMap(({ categories: n, values }) =>
        n > 0
          ? Array.from({ length: 2 ** n }, (_, subset) => errorOf((row) => ((subset >> (values[row] as number)) & 1) === 1))
          : [...values].map((cut) => errorOf((row) => (values[row] as number) < cut)),
      )
      const least = Math.min(squares([...y]), ...errors)
      const tree = growTree({ columns, y, rows, leaf })
      const at = (row: number) => (column: number) => columns[column]?.values[row] as number
      const found = tree.split[0] === -1 ? squares([...y]) : errorOf((row) => reaches(tree, at(row), tree.left[0] as number))
      assert.ok(Math.abs(found - least) <= 1e-9 * (1 + least), `error ${found}, the best is ${least}`)
    }),
  )
})

test('leaves hold enough rows, and say their mean', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 60 }), shapes, fc.integer({ min: 1, max: 4 }), (seed, count, categories, leaf) => {
      const { columns, y, rows } = rowsOf(seed, count, categories, 20)
      const learned = rows.filter((row) => row % 3 !== 2)
      const tree = growTree({ columns, y, rows: learned, leaf })
      const byLeaf = Map.groupBy(learned, (row) => leafOf(tree, (column) => columns[column]?.values[row] as number))
      for (const [node, own] of byLeaf) {
        assert.ok(own.length >= leaf || node === 0)
        const mean = own.reduce((sum, row) => sum + (y[row] as number), 0) / own.length
        const said = predict(tree, (column) => columns[column]?.values[own[0] as number] as number)
        assert.ok(Math.abs(said - mean) < 1e-9)
      }
      assert.equal(byLeaf.size, tree.split.filter((column) => column === -1).length, 'no leaf is empty')
    }),
  )
})

test('effects are those of a sum over all cells of the space', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), shapes, (seed, count, categories) => {
      const { columns, y, rows } = rowsOf(seed, count, categories, 12)
      const tree = growTree({ columns, y, rows, leaf: 1 })
      const cells = cellsOf(tree, categories)
      const mean = cells.reduce((sum, { volume, value }) => sum + volume * value, 0)
      /** Variance of the mean over all columns but these. */
      const marginal = (kept: readonly number[]) => {
        const groups = Map.groupBy(cells, ({ at }) => kept.map((column) => at[column]).join())
        let variance = 0
        for (const group of groups.values()) {
          const volume = group.reduce((sum, cell) => sum + cell.volume, 0)
          variance += volume * (group.reduce((sum, cell) => sum + cell.volume * cell.value, 0) / volume - mean) ** 2
        }
        return variance
      }
      const found = effects(tree, categories, { pairs: true })
      close(found.total, marginal([...categories.keys()]))
      for (const [column, variance] of found.single.entries()) close(variance, marginal([column]))
      for (const { i, j, variance } of found.pairs) close(variance, marginal([i, j]) - marginal([i]) - marginal([j]))
      assert.equal(found.pairs.length, (categories.length * (categories.length - 1)) / 2)
      const sum = [...found.single, ...found.pairs.map(({ variance }) => variance)].reduce((total, part) => total + part, 0)
      assert.ok(sum <= found.total + 1e-9, 'what is left are three and more together')
    }),
  )
})

function close(got: number, want: number): void {
  assert.ok(Math.abs(got - want) < 1e-9, `${got}, not ${want}`)
}

interface Cell {
  readonly at: readonly number[]
  readonly volume: number
  readonly value: number
}

/** All cells that the tree's cuts make of the whole space. */
function cellsOf(tree: Tree, categories: readonly number[]): Cell[] {
  let corners: { at: number[]; volume: number }[] = [{ at: [], volume: 1 }]
  categories.forEach((count, column) => {
    const cuts = [0, ...new Set(tree.cut.filter((_, node) => tree.split[node] === column)), 1].sort((a, b) => a - b)
    const pieces =
      count > 0
        ? Array.from({ length: count }, (_, category) => [category, 1 / count] as const)
        : cuts.slice(1).map((cut, i) => [(cut + (cuts[i] as number)) / 2, cut - (cuts[i] as number)] as const)
    corners = corners.flatMap(({ at, volume }) => pieces.map(([place, width]) => ({ at: [...at, place], volume: volume * width })))
  })
  return corners.map(({ at, volume }) => ({ at, volume, value: predict(tree, (column) => at[column] as number) }))
}

function leafOf(tree: Tree, at: (column: number) => number): number {
  return subtree(tree, 0).find((node) => tree.split[node] === -1 && reaches(tree, at, node)) as number
}

function subtree(tree: Tree, node: number): number[] {
  if (tree.split[node] === -1) return [node]
  return [node, ...subtree(tree, tree.left[node] as number), ...subtree(tree, tree.right[node] as number)]
}

/** Whether a row passes a node on its way. */
function reaches(tree: Tree, at: (column: number) => number, wanted: number): boolean {
  let node = 0
  while (node !== wanted) {
    const column = tree.split[node] as number
    if (column === -1) return false
    const mask = tree.goesLeft[node]
    const left = mask === undefined ? at(column) < (tree.cut[node] as number) : mask[at(column)] === 1
    node = (left ? tree.left[node] : tree.right[node]) as number
  }
  return true
}
