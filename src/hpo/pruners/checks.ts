/** What pruners check of their options; each failure names the pruner, the option and the value. */
import { fail } from '../../core/errors.ts'

/** A whole number not below `least`. */
export function whole(what: string, option: string, value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw fail('BAD_OPTION', what, option, value, `a whole number, ${least} or more`)
}

/** A number between two ends, both allowed. */
export function between(what: string, option: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && value >= low && value <= high) return value
  throw fail('BAD_OPTION', what, option, value, `a number from ${low} to ${high}`)
}
