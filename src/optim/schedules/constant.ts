import { checkOptions } from '../../core/registry.ts'
import { positive } from '../checks.ts'
import type { Schedule } from '../schedule.ts'

/** The same rate in every step. */
export function constant(options: { readonly learningRate: number }): Schedule {
  checkOptions("schedule 'constant'", options, ['learningRate'])
  const learningRate = positive("schedule 'constant'", 'learningRate', options.learningRate)
  return { kind: 'constant', at: () => learningRate }
}
