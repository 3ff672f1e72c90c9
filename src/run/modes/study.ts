import { fail } from '../../core/errors.ts'
import { type Study, type StudySettings, settingsOf } from '../../hpo/index.ts'
import type { Dimensions, Value } from '../../space/index.ts'
import { type Config, type CvSpec, checkSpace, crossValidated, fitsOnce, objectivesOf, withSettings } from '../../train/index.ts'
import type { Mode } from '../mode.ts'
import type { StudyJob, StudyResult, StudySurroundings } from '../study.ts'
import { choosePruner, chooseSampler } from '../trials/choose.ts'
import { drive } from '../trials/drive.ts'
import { staffOf, staffSettings } from '../trials/staff.ts'
import { warmStart } from '../trials/warmStart.ts'

/** Trials of a study that nobody said a number for. */
const defaultTrials = 50

/** Runs a training many times, with configs that a sampler chooses, and ends early what a pruner gives up. */
export function study(): Mode<StudyJob, StudySurroundings, StudyResult> {
  return {
    name: 'study',
    summary: 'Runs the training function many times, to find the best config.',
    async run(job, surroundings) {
      const { training, timeout, retries, retryFailed } = job
      const objectives = objectivesOf(training)
      if (objectives.length === 0) throw fail('OBJECTIVE_MISSING', training.name)
      const before = job.study === undefined ? undefined : await settingsOf(surroundings.store, job.study)
      // A study that goes on keeps what was set by hand, as a run does.
      const fixed = { ...before?.fixed, ...job.settings }
      const defaults = withSettings(training.config, fixed)
      const several = objectives.length > 1
      const sampler = await chooseSampler(job.sampler ?? before?.sampler ?? (several ? 'nsga2' : 'tpe'))
      const cv = job.cv ?? (before?.cv as CvSpec | undefined)
      // What the plan is wrong in is told before anything runs.
      if (cv !== undefined) crossValidated(training, { cv })
      const whole = several || cv !== undefined || training.estimator !== undefined || sampler.spec.kind === 'grid'
      const pruner = await choosePruner(job.pruner ?? before?.pruner ?? (whole ? 'none' : 'median'))
      // All of a grid, unless somebody says otherwise.
      const usual = timeout !== undefined || sampler.spec.kind === 'grid' ? undefined : defaultTrials
      const trials = job.trials ?? before?.wanted.trials ?? usual
      const staff = staffOf(job, surroundings.cores)
      const settings: StudySettings = {
        ...{ objectives, space: searched(job, defaults, fixed), defaults },
        ...{ sampler: sampler.spec, pruner: pruner.spec, seed: job.seed ?? before?.seed ?? 0, ...staffSettings(staff) },
        wanted: { ...(trials !== undefined && { trials }), ...(timeout !== undefined && { timeout }) },
        ...(Object.keys(fixed).length > 0 && { fixed }),
        ...(cv !== undefined && { cv: cv as NonNullable<StudySettings['cv']> }),
        ...(retries !== undefined && { retries }),
        ...(retryFailed !== undefined && { retryFailed }),
      }
      const constraint = training.constraint as ((config: Readonly<Record<string, Value>>) => boolean) | undefined
      const parts = { sampler: sampler.value, pruner: pruner.value, ...(constraint && { constraint }) }
      const prepare = async (opened: Study) => {
        if (job.warmStart !== undefined) await warmStart(opened, surroundings.store, job.warmStart)
        for (const config of job.enqueue ?? []) opened.enqueue(config)
      }
      const share = job.share !== false && fitsOnce(training) && sampler.value.blind === true && pruner.spec.kind === 'none'
      return drive(
        {
          mode: 'study',
          job: { ...job, ...(cv !== undefined && { cv }), share },
          staff,
          parts,
          settings: () => settings,
          prepare,
        },
        surroundings,
      )
    },
  }
}

/**
 * What is to be chosen: a key that was set by hand is not, and what counts only where it has another value is neither.
 *
 * @throws SPACE_MISSING, TRAINING_INVALID for a space that does not fit the config
 */
function searched(
  { training, space = training.space as Dimensions | undefined }: StudyJob,
  config: Config,
  fixed: Readonly<Record<string, string>>,
): Dimensions {
  if (space === undefined) {
    const [number = 'learningRate'] = Object.entries(training.config).flatMap(([key, value]) => (typeof value === 'number' ? [key] : []))
    throw fail('SPACE_MISSING', training.name, number, Object.keys(training.config))
  }
  checkSpace({ space, config: training.config })
  const holds = (name: string, values: readonly Value[]) => values.includes(config[name] as Value)
  return Object.fromEntries(
    Object.entries(space).flatMap(([key, dimension]) => {
      const conditions = Object.entries(dimension.when ?? {})
      const decided = conditions.filter(([name]) => Object.hasOwn(fixed, name))
      if (Object.hasOwn(fixed, key) || !decided.every(([name, values]) => holds(name, values))) return []
      const { when: _, ...rest } = dimension
      const left = Object.fromEntries(conditions.filter(([name]) => !Object.hasOwn(fixed, name)))
      return [[key, Object.keys(left).length > 0 ? { ...rest, when: left } : rest]]
    }),
  )
}
