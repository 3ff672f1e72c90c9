/** Failures of trials, told once each: a config that always crashes does not fill the screen. */
import type { RunError } from '../../store/index.ts'
import { printable } from './fit.ts'

export interface Failed {
  readonly number: number
  readonly state: string
  readonly error?: RunError
}

export interface FailureGroup {
  readonly state: string
  /** The first sentence of the first of them. */
  readonly reason: string
  readonly code?: string
  /** Trials, in the order in which they were given. */
  readonly trials: readonly number[]
}

const noReason = 'it left no reason'

export function firstSentence(message: string): string {
  const [first = ''] = printable(message.trim().split('\n')[0] ?? '').split(/(?<=[.!?])\s/)
  return first
}

/** Those that failed or were lost, those with the same reason together, the most frequent first. */
export function groupFailures(trials: readonly Failed[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup & { trials: number[] }>()
  for (const trial of trials) {
    if (!hasFailed(trial)) continue
    const { number, state, error } = trial
    const key = keyOf(trial)
    const group = groups.get(key)
    if (group) group.trials.push(number)
    else
      groups.set(key, {
        ...{ state, reason: firstSentence(error?.message ?? '') || noReason, trials: [number] },
        ...(error?.code !== undefined && { code: error.code }),
      })
  }
  return [...groups.values()].sort((a, b) => b.trials.length - a.trials.length)
}

export interface FailureTeller {
  /** What is to be said of a trial that has failed: all of its reason, in lines, the first time; then how often, now and then. */
  tell(trial: Failed): { readonly reason: readonly string[] } | { readonly count: string } | undefined
  /** How often what was told once has happened by now. */
  close(): readonly string[]
}

/** More different reasons than these are only counted: they may name something that is never twice the same. */
const mostReasons = 50
/** Of one reason. */
const mostLines = 30

export function failureTeller(): FailureTeller {
  const groups = new Map<string, { readonly first: number; readonly state: string; count: number; told: number }>()
  let others = 0
  const like = (group: { first: number; count: number; told: number; state: string }) => {
    group.told = group.count
    return `${group.count} trials ${group.state === 'lost' ? 'were lost' : 'failed'} like trial ${group.first} by now`
  }
  return {
    tell(trial) {
      const key = keyOf(trial)
      const group = groups.get(key)
      if (group) {
        group.count++
        // At 10, 100, 1000 ...
        return /^10+$/.test(String(group.count)) ? { count: like(group) } : undefined
      }
      if (groups.size >= mostReasons) {
        others++
        return others === 1 ? { count: 'there are many reasons for failures: those that are new are counted from now on' } : undefined
      }
      groups.set(key, { first: trial.number, state: trial.state, count: 1, told: 1 })
      const lines = (trial.error?.message ?? noReason).trim().split('\n')
      const shown = lines.slice(0, mostLines).map(printable)
      return { reason: lines.length > mostLines ? [...shown, `... ${lines.length - mostLines} more lines`] : shown }
    },
    close() {
      const late = [...groups.values()].filter(({ count, told }) => count > told).map(like)
      return others > 0 ? [...late, `${others} more failed for other reasons`] : late
    },
  }
}

export function hasFailed({ state }: { readonly state: string }): boolean {
  return state === 'failed' || state === 'lost'
}

/** The same for reasons that differ in their numbers: 'NaN at step 3' and 'NaN at step 7' are one. */
function keyOf({ state, error }: Failed): string {
  return `${state} ${error?.code} ${(error?.message ?? '').replace(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, '#')}`
}
