/** What a driver keeps of trials beside the log: the snapshots with which they begin or go on, and the model of the best. */
import { messageOf } from '../core/errors.ts'
import type { TrialEntry } from './ledger.ts'
import type { StudyLog } from './log.ts'
import type { Metrics } from './record.ts'
import type { Study } from './study.ts'

/**
 * A function that gives the snapshot to go on from: a trial's own or, before it has kept one, its parent's, which then becomes its
 * own, for the parent may end and drop it. One that cannot be read is as none: the trial begins anew, and the log says why.
 */
export function snapshots(log: StudyLog): (trial: number, parent: number | undefined) => Promise<Uint8Array | undefined> {
  const read = async (trial: number) => {
    try {
      return await log.readCheckpoint(trial)
    } catch (error) {
      log.log('warn', `The checkpoint of trial ${trial} cannot be read, so what was to go on from it begins anew: ${messageOf(error)}`)
      return undefined
    }
  }
  return async (trial, parent) => {
    // Both are asked for at once, while the parent still has it.
    const [own, inherited] = await Promise.all([read(trial), parent === undefined ? undefined : read(parent)])
    if (own || !inherited) return own
    await log.saveCheckpoint(trial, inherited, 0)
    return inherited
  }
}

/**
 * A function that ends a finished trial with `end`, after its model is written if it is the best: where the result is forgotten,
 * the trial ends once more, from its last checkpoint. One after another, so that the files of two models are not mixed.
 *
 * @param end tells whether it still could.
 */
export function modelKeeper(study: Study, log: StudyLog) {
  let last: Promise<void> = Promise.resolve()
  return (trial: TrialEntry, metrics: Metrics, files: ReadonlyMap<string, Uint8Array>, end: () => boolean): Promise<void> => {
    const kept = last.then(async () => {
      const best = study.wouldBeBest(trial, metrics)
      if (best) await log.saveModel(trial.number, files)
      if (end() && best) study.emit({ kind: 'model', trial: trial.number })
    })
    last = kept.catch(() => undefined)
    return kept
  }
}
