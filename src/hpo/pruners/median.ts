import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { type ComparingOptions, comparing, comparingOptions } from './percentile.ts'

/**
 * Stops a trial whose best report so far is worse than the median of what finished trials reported at the same step:
 * `percentile` with 50. Golovin et al., Google Vizier (KDD 2017), which compares with running averages; this is Optuna's rule.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.median({ startupTrials: 10 })`
 */
export function median(options: ComparingOptions = {}): Pruner {
  checkOptions('median', options, comparingOptions)
  return comparing('median', 50, options)
}
