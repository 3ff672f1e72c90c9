/** Cross-validation as users ask for it, and folds that stay from trial to trial. */
import * as v from 'valibot'
import { bytesOf, sha256 } from '../../core/bytes.ts'
import { fail } from '../../core/errors.ts'
import type { Table } from '../../data/index.ts'
import { crossValidated, type DataSplits, type SplitterSpec, type Training, tableOf } from '../../train/index.ts'

/** How many folds, or how rows are cut into them. It travels to workers, so it is plain data. */
export type CvSpec = number | SplitterSpec

export const cvSchema = v.pipe(
  v.union([v.number(), v.looseObject({ kind: v.string() })]),
  v.transform((input) => input as CvSpec),
)

/** @throws CLI_VALUE */
export function parseCv(text: string | undefined): CvSpec | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  try {
    const spec: unknown = JSON.parse(text)
    if (v.is(v.looseObject({ kind: v.string() }), spec)) return spec as SplitterSpec
  } catch {
    // Told below, like JSON of another form.
  }
  throw fail('CLI_VALUE', '--cv', text, 'a number of folds, or a splitter as JSON such as {"kind":"kFold","folds":5,"shuffle":true}')
}

/** The training, cross-validated where that was asked for, and what it prepares of its folds kept for the next trial. */
export function inFolds(training: Training, cv: CvSpec | undefined): Training {
  if (cv === undefined) return training
  return crossValidated(
    {
      ...training,
      async data(config) {
        const splits: DataSplits = await training.data(config)
        return { ...splits, train: remembering(await tableOf(splits.train, 'Cross-validation')) }
      },
    },
    { cv },
  )
}

/** More folds than people ask for. */
const mostTaken = 200
const known = new WeakMap<Table, Table>()

/** The same table, which gives the same part again where the same rows are asked for: estimators keep with it what they prepare. */
function remembering(table: Table): Table {
  const found = known.get(table)
  if (found) return found
  const taken = new Map<string, Table>()
  const made: Table = Object.create(table, {
    take: {
      value(indices: ArrayLike<number>) {
        const key = sha256(bytesOf(Int32Array.from(indices)))
        const part = taken.get(key) ?? table.take(indices)
        if (taken.size < mostTaken) taken.set(key, part)
        return part
      },
    },
  })
  known.set(table, made)
  return made
}
