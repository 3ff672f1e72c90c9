/** Options that all optimizers share, and the checks of the others. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Clip } from './optimizer.ts'
import type { Schedule } from './schedule.ts'
import { constant } from './schedules/constant.ts'

export interface CommonOptions {
  /** A number, or how it changes from step to step. */
  readonly learningRate?: number | Schedule
  /** Scales all gradients down together when their Euclidean norm is larger. */
  readonly clipNorm?: number
  /** Cuts each element of the gradients to [-clipValue, clipValue]. */
  readonly clipValue?: number
}

export interface Common {
  readonly learningRate: Schedule
  readonly clip: Clip | undefined
}

/** Reads the common options and refuses unknown ones. */
export function common(kind: string, options: CommonOptions, learningRate: number, others: readonly string[]): Common {
  checkOptions(kind, options, ['learningRate', 'clipNorm', 'clipValue', ...others])
  const { clipNorm: norm, clipValue: value } = options
  if (norm !== undefined) positive(kind, 'clipNorm', norm)
  if (value !== undefined) positive(kind, 'clipValue', value)
  return {
    learningRate: scheduleOf(kind, options.learningRate ?? learningRate),
    clip: norm === undefined && value === undefined ? undefined : { norm, value },
  }
}

function scheduleOf(kind: string, rate: number | Schedule): Schedule {
  if (typeof rate === 'object' && rate !== null && typeof rate.at === 'function') return rate
  return constant({ learningRate: positive(kind, 'learningRate', rate) })
}

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
