/** Options that all optimizers share. */
import { checkOptions } from '../core/registry.ts'
import { positive } from './checks.ts'
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
