import { fail } from '../../core/errors.ts'
import { build, checkOptions, type Spec } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { between, whole } from './checks.ts'
import * as stopping from './stopping.ts'

export interface PatientOptions {
  /** A pruner that only stops, or its JSON form. Without one, a trial is stopped as soon as patience is over: early stopping. */
  readonly pruner?: Pruner | (Spec & { readonly kind: keyof typeof stopping })
  /** How many reports in a row may bring no improvement; default 5. */
  readonly patience?: number
  /** By how much the metric must get better to have improved; default 0. */
  readonly minDelta?: number
}

/**
 * Holds another pruner back: a trial is stopped only where that pruner says so and the trial's last `patience` reports all
 * brought no improvement over its best. Never stops a trial that still learns, however slow.
 *
 * The other pruner sees every report, so that what it compares with is complete. (Optuna's PatientPruner asks it only when
 * patience is over, and counts one report more.)
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.patient({ pruner: { kind: 'median' }, patience: 3 })`
 */
export function patient(options: PatientOptions = {}): Pruner {
  checkOptions('patient', options, ['pruner', 'patience', 'minDelta'])
  const patience = whole('patient', 'patience', options.patience ?? 5, 1)
  const minDelta = between('patient', 'minDelta', options.minDelta ?? 0, 0, Number.MAX_VALUE)
  const inner = innerOf(options.pruner)
  return {
    name: 'patient',
    begin(facts, random) {
      const pruning = inner?.begin(facts, random)
      /** Of each open trial: its best, and how many reports ago that was. */
      const states = new Map<number, { best: number; since: number }>()
      return {
        judge(trial, study) {
          const verdict = pruning?.judge(trial, study) ?? 'stop'
          const { loss } = trial.reports.at(-1)!
          const state = states.get(trial.number) ?? { best: Number.POSITIVE_INFINITY, since: 0 }
          states.set(trial.number, state)
          if (loss < state.best - minDelta) Object.assign(state, { best: loss, since: 0 })
          else state.since++
          return state.since >= patience ? verdict : 'go'
        },
        ended(trial, study) {
          states.delete(trial.number)
          pruning?.ended?.(trial, study)
        },
      }
    },
  }
}

function innerOf(given: PatientOptions['pruner']): Pruner | undefined {
  if (given === undefined) return undefined
  const want = `a pruner that only stops: ${Object.keys(stopping).join(', ')}`
  const pruner = isPruner(given) ? given : isSpec(given) ? build<Pruner>('pruner that only stops', stopping, given) : undefined
  if (!pruner || pruner.checkpoints) throw fail('BAD_OPTION', 'patient', 'pruner', pruner?.name ?? given, want)
  return pruner
}

function isPruner(given: unknown): given is Pruner {
  return typeof given === 'object' && given !== null && 'begin' in given && typeof given.begin === 'function'
}

function isSpec(given: unknown): given is Spec {
  return typeof given === 'object' && given !== null && 'kind' in given && typeof given.kind === 'string'
}
