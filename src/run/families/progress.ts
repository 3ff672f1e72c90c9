/** How a search that shares its work stands, for whoever watches. */
import type { SharedProgress } from '../../hpo/index.ts'
import type { Group } from './book.ts'

export interface Stand extends Pick<SharedProgress, 'elapsed' | 'workers'> {
  readonly groups: readonly Group[]
  readonly units: number
  /** Waiting and at work. */
  readonly left: number
  /** Of which something was given out or answered last. */
  readonly last: Group | undefined
  readonly waiting: string | undefined
}

export function progressOf({ groups, units, left, last, waiting, elapsed, workers }: Stand): SharedProgress {
  const took = groups.flatMap((group) => group.took ?? [])
  const mean = took.length > 0 ? took.reduce((sum, one) => sum + one, 0) / took.length : undefined
  const atOnce = Math.min(workers.length, Math.max(1, left))
  return {
    planning: groups.length === 0,
    families: groups.length,
    familiesDone: groups.filter(({ done, folds }) => done >= folds).length,
    ...(last && { family: last.number, folds: last.folds, foldsDone: last.done }),
    units,
    unitsDone: units - left,
    ...{ elapsed, workers },
    ...(mean !== undefined && { eta: (left * mean) / atOnce }),
    ...(waiting !== undefined && { waiting }),
  }
}
