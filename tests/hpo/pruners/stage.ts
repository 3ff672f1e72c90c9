/** A study played by hand: every report, pause and end is written out by the test, and the pruner's answer is what it returns. */
import { random } from '../../../src/core/random.ts'
import type { Move, Pruner, Verdict } from '../../../src/hpo/pruner.ts'
import type { StudyFacts, TrialState, TrialView } from '../../../src/hpo/trial.ts'
import { type Assignment, dimensions as d, searchSpace } from '../../../src/space/index.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Trial = Writable<TrialView> & { readonly reports: { step: number; loss: number }[] }

export const space = searchSpace({ rate: d.logUniform(1e-3, 1), units: d.int(4, 64) })

export interface Stage {
  readonly trials: readonly Trial[]
  /** A trial that runs; its number. */
  begin(rest?: { parent?: number; assignment?: Assignment }): number
  /** Its next report, at the step after the last one. */
  report(trial: number, loss: number): Verdict
  reportAt(trial: number, step: number, loss: number): Verdict
  /** The verdicts of several reports in a row. */
  reports(trial: number, losses: readonly number[]): Verdict[]
  /** Makes a trial that reports these and finishes, whatever the verdicts. */
  finished(losses: readonly number[]): number
  pause(...trials: number[]): void
  /** It goes on with a worker. */
  resume(trial: number): void
  end(trial: number, state?: 'finished' | 'pruned' | 'failed' | 'lost'): void
  next(more?: boolean): Move
}

export function stage(pruner: Pruner, facts: Partial<StudyFacts> = {}): Stage {
  const pruning = pruner.begin({ space, objectives: 1, directions: ['minimize'], trials: undefined, workers: 1, ...facts }, random(0))
  const trials: Trial[] = []
  const ended: Trial[] = []
  const open = new Set<TrialView>()
  const study = { trials, ended, open }
  const self: Stage = {
    trials,
    begin({ parent, assignment = { rate: 0.1, units: 16 } } = {}) {
      const state: TrialState = 'running'
      const trial: Trial = { number: trials.length, state, assignment, reports: [], paused: false, ...(parent !== undefined && { parent }) }
      trials.push(trial)
      open.add(trial)
      return trial.number
    },
    report: (trial, loss) => self.reportAt(trial, (trials[trial]!.reports.at(-1)?.step ?? -1) + 1, loss),
    reportAt(trial, step, loss) {
      trials[trial]!.reports.push({ step, loss })
      return pruning.judge(trials[trial]!, study)
    },
    reports: (trial, losses) => losses.map((loss) => self.report(trial, loss)),
    finished(losses) {
      const trial = self.begin()
      self.reports(trial, losses)
      self.end(trial)
      return trial
    },
    pause(...numbers) {
      for (const number of numbers) Object.assign(trials[number]!, { paused: true, state: 'waiting' })
    },
    resume: (trial) => void Object.assign(trials[trial]!, { paused: false, state: 'running' }),
    end(number, state = 'finished') {
      const trial = trials[number]!
      const last = trial.reports.at(-1)
      Object.assign(trial, { paused: false, state }, last && state !== 'failed' && state !== 'lost' && { losses: [last.loss] })
      open.delete(trial)
      ended.push(trial)
      pruning.ended?.(trial, study)
    },
    next: (more = true) => pruning.next?.(study, more) ?? { kind: 'sample' },
  }
  return self
}
