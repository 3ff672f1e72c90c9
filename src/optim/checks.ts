/** What optimizers and schedules check of their options. */
import { fail } from '../core/errors.ts'

export function positive(what: string, option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw fail('BAD_OPTION', what, option, value, 'a number above 0')
}

export function notNegative(what: string, option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value
  throw fail('BAD_OPTION', what, option, value, 'a number, 0 or more')
}

/** A share in [0, 1). */
export function share(what: string, option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value < 1) return value
  throw fail('BAD_OPTION', what, option, value, 'a number from 0 to below 1')
}

/** A whole number, 1 or more. */
export function steps(what: string, option: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number
  throw fail('BAD_OPTION', what, option, value, 'a whole number of steps, 1 or more')
}

/** The length of a schedule: as given, else that of the run. */
export function lengthOf(what: string, given: number | undefined, total: number | undefined): number {
  const length = given ?? total
  if (length === undefined)
    throw fail('BAD_OPTION', what, 'steps', undefined, 'given here, since the length of the run is not known beforehand')
  return length
}
