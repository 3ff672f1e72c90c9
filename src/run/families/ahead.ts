/** What a study will ask for: of a sampler whose points depend on no result, all of it is known beforehand. */
import { createStudy, type Study, type StudyParts, type TimedEvent } from '../../hpo/index.ts'
import type { Config } from '../../train/index.ts'

/**
 * A function that gives the configurations of the next trials, at most so many at a time, none when there are no more. A second
 * study makes them, from the same log, by the same code and of the same sampler as the study itself will: so they are the same. It
 * records nothing.
 */
export function lookAhead({ settings }: Study, parts: StudyParts, past: readonly TimedEvent[]): (count: number) => Config[] {
  const study = createStudy(
    settings,
    parts,
    past,
    () => 0,
    () => undefined,
  )
  // A driver that was killed has left some running: they go on first, as they do in the study itself.
  for (const entry of study.ledger.entries) if (entry.state === 'running') study.giveBack(entry, 'preempted', 'the driver ended')
  return (count) => {
    const configs: Config[] = []
    while (configs.length < count) {
      const next = study.next(0)
      if (next.kind !== 'trial') break
      configs.push(next.trial.config)
    }
    return configs
  }
}

/** A configuration as a key: equal ones have equal keys, whatever the order of their parts. */
export function keyOf(config: Config): string {
  return JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))
}
