/** Trials that are cross-validated, and folds that stay from trial to trial. */
import * as v from 'valibot'
import { bytesOf, sha256 } from '../../core/bytes.ts'
import type { Table } from '../../data/index.ts'
import { type CvSpec, crossValidated, type DataSplits, type Training, tableOf } from '../../train/index.ts'

export const cvSchema = v.pipe(
  v.union([v.number(), v.looseObject({ kind: v.string() })]),
  v.transform((input) => input as CvSpec),
)

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
