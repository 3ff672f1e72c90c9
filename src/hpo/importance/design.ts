/** A study's finished trials as columns of numbers that a tree can split. */
import { fail } from '../../core/errors.ts'
import { type Dimension, kindOf, type Value } from '../../space/index.ts'
import type { StudyRecord, TrialRecord } from '../record.ts'

export interface Design {
  readonly columns: readonly Column[]
  /** What each trial reached, by a power of two larger or smaller: importances do not depend on it. */
  readonly y: Float64Array
}

export interface Column {
  readonly name: string
  /** How many categories without an order; 0 where the dimension is ordered. */
  readonly categories: number
  /** For each trial its place on the unit interval, or its category; NaN where the dimension does not count. */
  readonly values: Float64Array
}

/** With fewer trials, what a forest says is chance. */
export const fewest = 10

/**
 * The finished trials that have a finite value. A trial whose assignment is not in the space (which was narrowed since) is
 * left out; so is a dimension that has one value only.
 *
 * @throws IMPORTANCE_FEW, IMPORTANCE_FLAT, BAD_OPTION for an objective that the study has not
 */
export function design(study: StudyRecord, objective: number): Design {
  const { metric } = study.objectives[objective] ?? {}
  if (metric === undefined)
    throw fail('BAD_OPTION', 'importance', 'objective', objective, `the number of an objective: below ${study.objectives.length}`)
  const dimensions = Object.entries(study.space).filter(([, dimension]) => dimension.kind !== 'fixed')
  const trials = study.trials.filter((trial) => isUsable(trial, objective, dimensions))
  if (trials.length < fewest) throw fail('IMPORTANCE_FEW', study.id, trials.length, fewest)
  const y = Float64Array.from(trials, ({ values }) => values?.[objective] as number)
  const first = y[0] as number
  if (y.every((value) => value === first)) throw fail('IMPORTANCE_FLAT', study.id, trials.length, metric, first)
  return { columns: dimensions.map(([name, dimension]) => columnOf(name, dimension, trials)), y: sized(y) }
}

/** Numbers of about the size of 1, so that their squares have room. Powers of two leave all digits as they are. */
function sized(y: Float64Array): Float64Array {
  const power = -Math.floor(Math.log2(y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)))
  // In two steps: there is no number for the inverse of the smallest.
  const half = Math.trunc(power / 2)
  return y.map((value) => value * 2 ** half * 2 ** (power - half))
}

function isUsable({ state, values, assignment }: TrialRecord, objective: number, dimensions: readonly (readonly [string, Dimension])[]) {
  return (
    state === 'finished' &&
    Number.isFinite(values?.[objective]) &&
    dimensions.every(([name, dimension]) => {
      const value = given(assignment, name)
      return value === undefined || kindOf(dimension).contains(dimension, value)
    })
  )
}

function columnOf(name: string, dimension: Dimension, trials: readonly TrialRecord[]): Column {
  const kind = kindOf(dimension)
  const points = kind.ordered ? undefined : kind.points(dimension)
  const values = Float64Array.from(trials, ({ assignment }) => {
    const value = given(assignment, name)
    if (value === undefined) return Number.NaN
    return points === undefined ? kind.toUnit(dimension, value) : points.indexOf(value)
  })
  return { name, categories: points?.length ?? 0, values }
}

function given(assignment: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(assignment, name) ? assignment[name] : undefined
}
