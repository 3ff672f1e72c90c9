/** Parameters of linear models, and what all of them check before they learn. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Table } from '../data/index.ts'
import { checkLearnable, type Examples, examplesOf, type FitOptions, type Learnable, type Task } from '../estimator/index.ts'
import { checkNumeric } from './moments.ts'

export interface LinearParams {
  /** Weight of the penalty, at least 0. */
  readonly alpha: number
  /** Whether a constant is learned, too; it is not penalized. */
  readonly fitIntercept: boolean
}

const defaults: LinearParams = { alpha: 1, fitIntercept: true }

/** @throws UNKNOWN_OPTION, BAD_OPTION */
export function linearParams(name: string, given: Partial<LinearParams>): LinearParams {
  checkOptions(name, given, ['alpha', 'fitIntercept'])
  const { alpha = defaults.alpha, fitIntercept = defaults.fitIntercept } = given
  if (!(Number.isFinite(alpha) && alpha >= 0)) throw fail('BAD_OPTION', name, 'alpha', alpha, 'a number of at least 0')
  if (typeof fitIntercept !== 'boolean') throw fail('BAD_OPTION', name, 'fitIntercept', fitIntercept, 'true or false')
  return { alpha, fitIntercept }
}

/** @throws FIT_EMPTY, NO_TARGET, FIT_TARGET, FIT_ONE_CLASS, FIT_WEIGHTS, LINEAR_CATEGORIES, LINEAR_NOT_FINITE */
export function learnable(name: string, task: Task, data: Table | Examples, options: FitOptions): Learnable {
  options.signal?.throwIfAborted()
  const examples = checkLearnable(examplesOf(data), task, options.sampleWeight)
  checkNumeric(name, examples)
  return examples
}

/** Members of one family have all but alpha in common. */
export function sharedIntercept(name: string, members: readonly LinearParams[]): boolean {
  const [first] = members
  if (first === undefined || members.some(({ fitIntercept }) => fitIntercept !== first.fitIntercept))
    throw fail('INTERNAL', `members of a family of ${name} differ in alpha only, and there is at least one`)
  return first.fitIntercept
}
