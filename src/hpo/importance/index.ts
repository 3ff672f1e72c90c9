/** How much each dimension of a study mattered. */
import { random } from '../../core/random.ts'
import type { StudyRecord } from '../record.ts'
import { design } from './design.ts'
import { effects } from './fanova.ts'
import { forest } from './forest.ts'
import { rises } from './permutation.ts'

export type ImportanceMethod = 'fanova' | 'permutation'

export interface ImportanceOptions {
  readonly method: ImportanceMethod
  /** Which objective, from 0. */
  readonly objective?: number
  readonly seed: number
  /** With fanova, also what dimensions do two by two, beyond what each does alone. */
  readonly pairs?: boolean
}

export interface ImportanceRow {
  /** One dimension, or two. */
  readonly names: readonly string[]
  /**
   * Of fanova the part of the variance that the listed effects explain together: they sum to 1. Of permutation the rise of the
   * squared error, in variances of the objective: 0 is of no use, and above 1 is possible.
   */
  readonly importance: number
  /** Its standard deviation over the trees of the forest. */
  readonly deviation: number
}

/**
 * Learns a random forest from the finished trials and asks it what mattered, most important first.
 *
 * 'fanova' looks at the whole space: how much would the objective vary if only this dimension did? It does not ask whether that is
 * near good configs. 'permutation' looks at where the trials are: how much worse is it foretold without this dimension? It
 * counts interactions for each who takes part, and so does not sum to 1. Chance is by the seed alone.
 *
 * Hutter, Hoos and Leyton-Brown (2014), "An Efficient Approach for Assessing Hyperparameter Importance"; Breiman (2001), "Random Forests".
 *
 * @throws IMPORTANCE_FEW, IMPORTANCE_FLAT, BAD_OPTION
 * @example `importance(study, { method: 'fanova', seed: 0 })[0]?.names`
 */
export function importance(study: StudyRecord, { method, objective = 0, seed, pairs = false }: ImportanceOptions): ImportanceRow[] {
  const { columns, y } = design(study, objective)
  const chance = random(seed).fork('importance')
  const grown = forest({ columns, y }, chance.fork('forest'))
  const rows: Row[] = []
  if (method === 'fanova') {
    const categories = columns.map((column) => column.categories)
    // A tree that never split explains nothing.
    const found = grown.map(({ tree }) => effects(tree, categories, { pairs })).filter(({ total }) => total > 0)
    columns.forEach(({ name }, i) => {
      rows.push({ names: [name], parts: found.map(({ total, single }) => (single[i] as number) / total) })
    })
    found[0]?.pairs.forEach(({ i, j }, k) => {
      const names = [columns[i]?.name, columns[j]?.name] as string[]
      rows.push({ names, parts: found.map(({ total, pairs }) => (pairs[k]?.variance as number) / total) })
    })
    return summarized(rows, rows.reduce((sum, { parts }) => sum + mean(parts), 0) || 1)
  }
  const counts = columns.map(({ values }) => Array.from(values, (value) => !Number.isNaN(value)))
  const found = rises(grown, y, counts, chance.fork('permutation'))
  columns.forEach(({ name }, i) => {
    rows.push({ names: [name], parts: found.map((tree) => tree[i] as number) })
  })
  return summarized(rows, variance(y))
}

interface Row {
  readonly names: readonly string[]
  /** One for each tree. */
  readonly parts: readonly number[]
}

function summarized(rows: readonly Row[], unit: number): ImportanceRow[] {
  return rows
    .map(({ names, parts }) => ({ names, importance: mean(parts) / unit, deviation: Math.sqrt(variance(parts)) / unit }))
    .sort((a, b) => b.importance - a.importance)
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return values.length === 0 ? 0 : sum / values.length
}

function variance(values: ArrayLike<number>): number {
  const middle = mean(values)
  return mean(Array.from(values, (value) => (value - middle) ** 2))
}
