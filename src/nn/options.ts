/** What layers, losses and initializers check of their options; each failure names the thing, the option and the value. */
import { fail } from '../core/errors.ts'

/** A whole number not below `least`. */
export function whole(what: string, option: string, value: unknown, least = 1): number {
  if (Number.isInteger(value) && (value as number) >= least) return value as number
  throw fail('BAD_OPTION', what, option, value, `a whole number, ${least} or more`)
}

/** A finite number between two ends, both allowed. */
export function between(what: string, option: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && value >= low && value <= high) return value
  throw fail('BAD_OPTION', what, option, value, `a number from ${low} to ${high}`)
}

/** A finite number above zero. */
export function positive(what: string, option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw fail('BAD_OPTION', what, option, value, 'a number above 0')
}

/** One of some words. */
export function oneOf<T extends string>(what: string, option: string, value: unknown, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T
  throw fail('BAD_OPTION', what, option, value, `one of ${words.join(', ')}`)
}

/** A number for both sides, or one for each: [height, width]. */
export function pair(what: string, option: string, value: unknown, least = 1): readonly [number, number] {
  const both = Array.isArray(value) ? value : [value, value]
  if (both.length === 2 && both.every((side) => Number.isInteger(side) && side >= least)) return both as [number, number]
  throw fail('BAD_OPTION', what, option, value, `a whole number, ${least} or more, or two of them: [height, width]`)
}
