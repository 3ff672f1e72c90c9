/** When a pruner that looks at steps looks. */
import type { TrialView } from '../trial.ts'
import { whole } from './checks.ts'

export interface DueOptions {
  /** Trials are not judged before this step; default 0. */
  readonly warmupSteps?: number
  /**
   * They are judged at step `warmupSteps`, and each so many steps later; default 1. One that did not report then is judged at
   * its next report.
   */
  readonly interval?: number
}

export const dueOptions: readonly string[] = ['warmupSteps', 'interval'] satisfies (keyof DueOptions)[]

/** Whether a trial is to be judged by its last report. @throws BAD_OPTION */
export function due(what: string, options: DueOptions): (trial: TrialView) => boolean {
  const warmup = whole(what, 'warmupSteps', options.warmupSteps ?? 0, 0)
  const interval = whole(what, 'interval', options.interval ?? 1, 1)
  return ({ reports }) => {
    const step = reports.at(-1)?.step ?? Number.NEGATIVE_INFINITY
    if (step < warmup) return false
    const since = warmup + Math.floor((step - warmup) / interval) * interval
    return (reports.at(-2)?.step ?? Number.NEGATIVE_INFINITY) < since
  }
}
