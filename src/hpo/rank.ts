/** Which of two trials did better. */
import type { TrialView } from './trial.ts'

/**
 * How good a trial is: those that finished by their loss, then pruned and paused ones, the furthest first, by their last
 * report's; those without a loss come last of all.
 */
export interface Rank {
  readonly group: 'finished' | 'stopped' | 'failed'
  readonly step: number
  readonly loss: number
}

export function rankOf({ state, losses, reports }: TrialView): Rank {
  const loss = losses?.[0] ?? (state === 'finished' ? undefined : reports.at(-1)?.loss)
  if (loss === undefined || state === 'failed' || state === 'lost') return { group: 'failed', step: 0, loss: Number.POSITIVE_INFINITY }
  return state === 'finished' ? { group: 'finished', step: 0, loss } : { group: 'stopped', step: reports.at(-1)?.step ?? 0, loss }
}

/** Of a trial that has not ended: what its reports tell, if it is paused; nothing else is known yet. */
export function rankOfOpen(trial: TrialView): Rank | undefined {
  return trial.paused && trial.reports.length > 0 ? rankOf(trial) : undefined
}

const groups: readonly Rank['group'][] = ['finished', 'stopped', 'failed']

/** Below 0 where `a` is better. */
export function compareRanks(a: Rank, b: Rank): number {
  return groups.indexOf(a.group) - groups.indexOf(b.group) || b.step - a.step || (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : 0)
}
