/** What every estimator refuses, in the same words. */
import { fail } from '../core/errors.ts'
import type { Examples, Feature, Task } from './examples.ts'

/** Examples with a target that can be learned from. */
export interface Learnable extends Examples {
  readonly y: Float64Array
  /** Labels there are names or numbers for; 1 in regression. */
  readonly width: number
}

/**
 * Holds examples to what fitting needs: rows, a target, labels that are whole numbers from 0 of at least two kinds (where
 * labels are learned), finite quantities.
 *
 * @throws FIT_EMPTY, NO_TARGET, FIT_TARGET, FIT_ONE_CLASS, FIT_WEIGHTS
 */
export function checkLearnable(examples: Examples, task: Task, sampleWeight?: ArrayLike<number>): Learnable {
  const { name, rows, y, classes, features } = examples
  if (rows === 0) throw fail('FIT_EMPTY', name, 'rows')
  if (features.length === 0) throw fail('FIT_EMPTY', name, 'inputs')
  if (y === undefined) throw fail('NO_TARGET', name)
  checkWeights(name, rows, sampleWeight)
  if (task === 'regression') {
    const bad = y.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) throw fail('FIT_TARGET', name, bad + 1, y[bad] as number, 'a finite number')
    return { ...examples, y, width: 1 }
  }
  const most = classes?.length ?? mostClasses
  let width = classes?.length ?? 0
  let differing = false
  for (let row = 0; row < rows; row++) {
    const label = y[row] as number
    if (!(label >= 0 && label < most && label === Math.floor(label)))
      throw fail('FIT_TARGET', name, row + 1, label, classes ? `a label from 0 to ${most - 1}` : 'a whole number from 0 on, as labels are')
    if (label >= width) width = label + 1
    differing ||= label !== y[0]
  }
  if (!differing) throw fail('FIT_ONE_CLASS', name, rows, classes?.[y[0] as number] ?? String(y[0]))
  return { ...examples, y, width }
}

/** More labels than this are no labels but quantities by mistake. */
const mostClasses = 65_536

function checkWeights(name: string, rows: number, weights: ArrayLike<number> | undefined): void {
  if (weights === undefined) return
  if (weights.length !== rows) throw fail('FIT_WEIGHTS', name, `there are ${weights.length} for ${rows} rows`)
  let some = false
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] as number
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw fail('FIT_WEIGHTS', name, `that of row ${row + 1} is ${weight}`)
    some ||= weight > 0
  }
  if (!some) throw fail('FIT_WEIGHTS', name, 'all of them are 0')
}

/** The features to predict from are those learned from, by name and order. @throws PREDICT_FEATURES */
export function checkFeatures(of: string, learned: readonly Feature[], { name, features }: Examples): void {
  const missing = learned.filter(({ name }) => !features.some((other) => other.name === name)).map(({ name }) => name)
  const extra = features.filter(({ name }) => !learned.some((other) => other.name === name)).map(({ name }) => name)
  if (missing.length + extra.length > 0) throw fail('PREDICT_FEATURES', of, name, missing, extra)
  const moved = learned.findIndex((feature, k) => feature.name !== features[k]?.name)
  if (moved >= 0 || learned.length !== features.length)
    throw fail('PREDICT_ORDER', of, name, moved + 1, learned[moved]?.name ?? '', features[moved]?.name ?? '')
}
