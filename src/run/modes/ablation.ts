import { summarize } from '../../ablation/index.ts'
import { fail } from '../../core/errors.ts'
import { type Objective, pruners, readStudy, type Sampler, type StudySettings, settingsOf } from '../../hpo/index.ts'
import { objectivesOf, withSettings } from '../../train/index.ts'
import type { Mode } from '../mode.ts'
import type { AblationJob, AblationResult, StudySurroundings } from '../study.ts'
import { ablationPlan } from '../trials/ablationPlan.ts'
import { drive } from '../trials/drive.ts'
import { staffOf, staffSettings } from '../trials/staff.ts'

/** A plan says what is run; there is nothing to choose. */
const nothingToChoose: Sampler = { name: 'plan', begin: () => ({ ask: () => ({ kind: 'done', reason: 'the plan is done' }) }) }

/** Runs a training with parts taken away, one at a time, each with several seeds, to tell what they were worth. */
export function ablation(): Mode<AblationJob, StudySurroundings, AblationResult> {
  return {
    name: 'ablation',
    summary: 'Runs the training function without parts of it, to see what they were worth.',
    async run(job, surroundings) {
      const { training, study, retries, retryFailed, timeout } = job
      const [objective] = objectivesOf(training)
      if (!objective) throw fail('OBJECTIVE_MISSING', training.name)
      const staff = staffOf(job, surroundings.cores)
      const before = study === undefined ? undefined : await settingsOf(surroundings.store, study)
      const fixed = { ...before?.fixed, ...job.settings }
      const defaults = withSettings(training.config, fixed)
      const { plan, met } = await ablationPlan(job, defaults, surroundings)
      const settings = (): StudySettings => ({
        ...{ objectives: [objective], space: {}, defaults, seed: job.seed ?? before?.seed ?? 0, ...staffSettings(staff) },
        ...{ sampler: { kind: 'plan' }, pruner: { kind: 'none' } },
        wanted: { trials: plan.length, ...(timeout !== undefined && { timeout }) },
        ...(Object.keys(fixed).length > 0 && { fixed }),
        ...(retries !== undefined && { retries }),
        ...(retryFailed !== undefined && { retryFailed }),
      })
      const parts = { sampler: nothingToChoose, pruner: pruners.none(), plan }
      const result = await drive(
        {
          mode: 'ablation',
          job,
          staff,
          parts,
          settings,
          ended: (opened, _, components) => {
            if (met(components)) opened.emit({ kind: 'met', components: [...components] })
          },
        },
        surroundings,
      )
      const record = await readStudy(surroundings.store, result.study)
      return { ...result, table: summarize(record.trials, objective as Objective) }
    },
  }
}
