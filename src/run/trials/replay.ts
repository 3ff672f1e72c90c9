import { existsSync } from 'node:fs'
import { findStudy, pruners, type Replay, replayStudy, type Sampler, type StudyParts, type StudySettings } from '../../hpo/index.ts'
import type { Value } from '../../space/index.ts'
import type { Store } from '../../store/index.ts'
import { loadTraining } from '../load.ts'
import { choosePruner, chooseSampler } from './choose.ts'

/** Of an ablation: what was run was planned, and not suggested. */
const planned: Sampler = { name: 'plan', begin: () => ({ ask: () => ({ kind: 'done', reason: 'the plan is done' }) }) }

/**
 * Asks the sampler and the pruner of a study again, in the order in which everything arrived, and compares. The training file is
 * needed for the constraint of its space, if it has one; where it is gone, a study is replayed without.
 *
 * @throws STUDY_UNKNOWN, STUDY_NOT, STUDY_CORRUPT, CUSTOM_MODULE
 */
export async function replay(store: Store, reference: string): Promise<Replay> {
  const { file } = await findStudy(store, reference)
  const training = file !== undefined && existsSync(file) ? await loadTraining(file) : undefined
  const constraint = training?.constraint as ((config: Readonly<Record<string, Value>>) => boolean) | undefined
  const parts = async ({ sampler, pruner }: StudySettings): Promise<StudyParts> => {
    if (sampler.kind === 'plan') return { sampler: planned, pruner: pruners.none(), plan: [] }
    const [chosen, ending] = [await chooseSampler(sampler), await choosePruner(pruner)]
    return { sampler: chosen.value, pruner: ending.value, ...(constraint && { constraint }) }
  }
  return replayStudy(store, reference, parts)
}
