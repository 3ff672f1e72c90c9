/** Early stopping: ends training when a metric has not become better for a while. */
import type { Metrics } from './environment.ts'

export interface EarlyStopping {
  /** Epochs without a better value before training ends. */
  readonly patience: number
  /** Which metric; default: the objective, or else the training loss. */
  readonly metric?: string
  readonly direction?: 'maximize' | 'minimize'
  /** Smaller gains do not count; default 0. */
  readonly minDelta?: number
  /** Goes back to the best epoch's numbers at the end; default true. */
  readonly restoreBest?: boolean
}

/** What is followed from epoch to epoch, for early stopping and for keeping the best checkpoint. */
export interface Followed {
  readonly metric: string
  readonly direction: 'maximize' | 'minimize'
}

/** Whether a value is better than the best so far. NaN never is. */
export function isBetter(value: number, best: number | null, { direction }: Followed, minDelta = 0): boolean {
  if (Number.isNaN(value)) return false
  if (best === null) return true
  return direction === 'maximize' ? value > best + minDelta : value < best - minDelta
}

/** The followed metric of an epoch, where it is known. */
export function followedValue(followed: Followed, metrics: Metrics): number | undefined {
  return Object.hasOwn(metrics, followed.metric) ? metrics[followed.metric] : undefined
}
