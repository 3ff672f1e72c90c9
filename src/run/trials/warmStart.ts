import { fail } from '../../core/errors.ts'
import { readStudy, type Study } from '../../hpo/index.ts'
import type { Store } from '../../store/index.ts'

/**
 * Tells a study's sampler what an older one found: its finished trials, as far as they lie in this one's space. They are not
 * trials of this study, and are written in its log, so that it can be replayed without the older one. Once for each.
 *
 * @throws STUDY_UNKNOWN, STUDY_NOT, WARM_START when they do not have the same objectives
 */
export async function warmStart(study: Study, store: Store, reference: string): Promise<void> {
  const older = await readStudy(store, reference)
  const told = (objectives: readonly { metric: string; direction: string }[]) =>
    objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(', ')
  const [then, now] = [told(older.objectives), told(study.settings.objectives)]
  if (then !== now) throw fail('WARM_START', older.id, `it was to ${then}, and this one is to ${now}`)
  if (study.ledger.view.trials.length > 0) return
  let used = 0
  for (const { state, config, values } of older.trials) {
    if (state !== 'finished' || !values) continue
    if (study.warm(config, values)) used++
  }
  if (used === 0) throw fail('WARM_START', older.id, 'none of its finished trials lies in this search space')
}
