/** Options that splitters share, and their checks. */
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'

export interface FoldsOptions {
  /** Default 5. */
  readonly folds?: number
  /** Draws which rows go together instead of taking them in their order. Default false. */
  readonly shuffle?: boolean
}

export interface RepeatsOptions {
  /** Default 5. */
  readonly folds?: number
  /** Each time with another shuffle. Default 10. */
  readonly repeats?: number
}

/** @throws UNKNOWN_OPTION, BAD_OPTION */
export function checkFolds(name: string, options: FoldsOptions & RepeatsOptions, known: readonly string[]): void {
  checkOptions(name, options, known)
  const { folds = 5, repeats = 10, shuffle = false } = options
  if (!Number.isInteger(folds) || folds < 2) throw fail('BAD_OPTION', name, 'folds', folds, 'a whole number, at least 2')
  if (!Number.isInteger(repeats) || repeats < 1) throw fail('BAD_OPTION', name, 'repeats', repeats, 'a whole number, at least 1')
  if (typeof shuffle !== 'boolean') throw fail('BAD_OPTION', name, 'shuffle', shuffle, 'true or false')
}
