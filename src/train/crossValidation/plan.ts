/** From `--cv 5` to the rows of each fold. */
import { fail } from '../../core/errors.ts'
import { random } from '../../core/random.ts'
import { build, type SpecOf } from '../../core/registry.ts'
import { suggest } from '../../core/suggest.ts'
import type { Column, Table } from '../../data/index.ts'
import { isScaled } from '../variables.ts'
import type { Fold, Splitter } from './splitter.ts'
import * as splitters from './splitters/index.ts'

splitters satisfies Record<string, (options?: never) => Splitter>

export type SplitterSpec = SpecOf<typeof splitters>

/**
 * How rows are cut into folds: a number of them (stratified where the target is labels, as scikit-learn's `cv=5`), a splitter's JSON
 * form, or a splitter.
 */
export type Cv = CvSpec | Splitter

/** As plain data. */
export type CvSpec = number | SplitterSpec

export interface FoldsPlan {
  /** Default 5. */
  readonly cv?: Cv
  /** Of splitters that shuffle. It is not the run's seed, so that all trials of a study meet the same folds. Default 0. */
  readonly foldSeed?: number | string
}

/**
 * The folds of a table's rows.
 *
 * @throws FOLDS_IMPOSSIBLE, FOLDS_GROUP, BAD_OPTION, UNKNOWN_KIND
 * @example
 * ```ts
 * const [first] = foldsOf(set, { cv: { kind: 'kFold', folds: 3, shuffle: true } })
 * const parts = first && { train: set.take(first.train), test: set.take(first.test) }
 * ```
 */
export function foldsOf(table: Table, { cv = 5, foldSeed = 0 }: FoldsPlan = {}): Fold[] {
  const labels = labelsOf(table)
  const splitter = splitterOf(cv, labels !== undefined)
  return splitter.split({
    ...{ name: table.name, rows: table.length, labels },
    groups: splitter.group === undefined ? undefined : groupsOf(table, splitter.group),
    random: random(foldSeed).fork('folds'),
  })
}

/**
 * Folds as a command line says them: '5', 'timeSeriesSplit', or '{"kind":"kFold","folds":5,"shuffle":true}'.
 *
 * @throws BAD_OPTION, UNKNOWN_KIND, UNKNOWN_OPTION
 */
export function readCv(text: string): CvSpec {
  const cv = /^\d+$/.test(text.trim()) ? Number(text) : /^[a-z]\w*$/i.test(text.trim()) ? { kind: text.trim() } : parsed(text)
  splitterOf(cv as CvSpec, true)
  return cv as CvSpec
}

function parsed(text: string): unknown {
  const wrong = () => fail('BAD_OPTION', 'cross-validation', 'folds', text, 'JSON such as {"kind":"kFold","folds":5}')
  try {
    const value = JSON.parse(text)
    if (typeof value === 'object' && value !== null && typeof value.kind === 'string') return value
  } catch {
    throw wrong()
  }
  throw wrong()
}

/** @throws BAD_OPTION, UNKNOWN_KIND, UNKNOWN_OPTION */
export function splitterOf(cv: Cv, labels: boolean): Splitter {
  if (typeof cv === 'number') return labels ? splitters.stratifiedKFold({ folds: cv }) : splitters.kFold({ folds: cv })
  return 'split' in cv ? cv : build<Splitter>('splitter', splitters, { ...cv })
}

/** The target where it is one label a row. */
function labelsOf({ target, columns }: Table): ArrayLike<number> | undefined {
  const column = target === undefined ? undefined : columns[target]
  if (column === undefined || column.shape.length > 0 || isScaled(column)) return undefined
  return column.dtype === 'int32' || column.dtype === 'uint8' || column.dtype === 'bool' ? (column.data as Int32Array) : undefined
}

/** A column of one value a row, or a named feature of a vector. */
function groupsOf({ name, columns, inputs }: Table, group: string): ArrayLike<number> {
  const column = Object.hasOwn(columns, group) ? columns[group] : undefined
  if (column && column.shape.length === 0) return Float64Array.from(column.data as Float32Array, Number)
  for (const key of inputs) {
    const { names, data } = columns[key] as Column
    const place = names?.indexOf(group) ?? -1
    if (!names || place < 0) continue
    const values = data as Float32Array
    return Float64Array.from({ length: values.length / names.length }, (_, row) => Number(values[row * names.length + place]))
  }
  const known = [
    ...Object.keys(columns).filter((key) => columns[key]?.shape.length === 0),
    ...inputs.flatMap((key) => columns[key]?.names ?? []),
  ]
  throw fail('FOLDS_GROUP', name, group, suggest(group, known))
}
