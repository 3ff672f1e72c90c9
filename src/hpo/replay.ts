/** Replaying a study: the same seed and the same order of arrival give the same suggestions and verdicts. */
import type { Store } from '../store/index.ts'
import { findStudy, logOf } from './read.ts'
import type { StudySettings } from './settings.ts'
import { createStudy, type Study, type StudyParts, type TimedEvent } from './study.ts'

export interface Replay {
  /** How many of a sampler's and a pruner's points and promotions, and how many verdicts, were asked for again. */
  readonly suggestions: number
  readonly verdicts: number
  readonly differences: readonly { readonly trial: number; readonly what: string }[]
}

/**
 * Asks the sampler and the pruner of a study again all that they were asked, telling them what they were told in the order in
 * which it arrived, and compares.
 *
 * @param parts builds the sampler and the pruner of some settings.
 * @throws STUDY_UNKNOWN, STUDY_NOT, STUDY_CORRUPT, and what `parts` throws
 */
export async function replayStudy(
  store: Store,
  reference: string,
  parts: (settings: StudySettings) => Promise<StudyParts>,
): Promise<Replay> {
  const { id } = await findStudy(store, reference)
  return replayLog(await logOf(store, id), parts)
}

export async function replayLog(log: readonly TimedEvent[], parts: (settings: StudySettings) => Promise<StudyParts>): Promise<Replay> {
  const differences: { trial: number; what: string }[] = []
  let suggestions = 0
  let verdicts = 0
  let study: Study | undefined
  for (const [i, timed] of log.entries()) {
    const { event } = timed
    if (event.kind === 'open')
      study = createStudy(
        event.settings,
        await parts(event.settings),
        log.slice(0, i),
        () => timed.time,
        () => undefined,
      )
    if (!study) continue
    if (event.kind === 'ask' && event.origin !== 'enqueued' && event.origin !== 'plan') suggestions++
    if (event.kind === 'start' && study.ledger.entry(event.trial).view?.paused) suggestions++
    if (event.kind === 'report') verdicts++
    const what = study.replay(timed)
    if (what !== undefined && 'trial' in event) differences.push({ trial: event.trial, what })
  }
  return { suggestions, verdicts, differences }
}
