/** What follows from a study's record: the best, the trade-offs, how it stands. For texts and for programs. */
import type { Metrics, Objective, StudyRecord, TrialRecord, TrialState } from '../../hpo/index.ts'
import { groupFailures } from './failures.ts'
import { trialStates } from './studyWords.ts'

/** The finished trial with the best value of an objective; of equals the one that ended first. */
export function bestTrial({ trials, objectives }: Pick<StudyRecord, 'trials' | 'objectives'>, objective = 0): TrialRecord | undefined {
  let best: TrialRecord | undefined
  for (const trial of inOrderOfEnd(trials)) {
    if (isFinished(trial) && (!best || lossAt(trial, objectives, objective) < lossAt(best, objectives, objective))) best = trial
  }
  return best
}

/** The finished trials that no other beats in every objective, the best by the first objective first; of one objective the best. */
export function frontOf(study: Pick<StudyRecord, 'trials' | 'objectives'>): TrialRecord[] {
  const { objectives } = study
  if (objectives.length < 2) return [bestTrial(study)].filter((trial) => trial !== undefined)
  const losses = (trial: TrialRecord) => objectives.map((_, i) => lossAt(trial, objectives, i))
  const points = inOrderOfEnd(study.trials.filter(isFinished)).map((trial) => ({ trial, at: losses(trial) }))
  // Better by the first objective that tells them apart: a point can then only be beaten by one before it.
  points.sort(
    (a, b) => a.at.map((loss, i) => loss - (b.at[i] as number)).find((difference) => difference !== 0 && !Number.isNaN(difference)) ?? 0,
  )
  const front: typeof points = []
  for (const point of points) if (!front.some(({ at }) => at.every((loss, i) => loss <= (point.at[i] as number)))) front.push(point)
  return front.map(({ trial }) => trial)
}

/** The best value of the first objective after each trial that finished, in the order in which they did. */
export function bestSoFar({ trials, objectives }: StudyRecord): number[] {
  const curve: number[] = []
  for (const trial of inOrderOfEnd(trials)) {
    if (!isFinished(trial)) continue
    const value = trial.values?.[0] as number
    const before = curve.at(-1)
    curve.push(before === undefined || objectives[0]?.direction !== 'maximize' ? Math.min(before ?? value, value) : Math.max(before, value))
  }
  return curve
}

export function countsOf(trials: readonly TrialRecord[]): Record<TrialState, number> {
  const counts = Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<TrialState, number>
  for (const { state } of trials) counts[state]++
  return counts
}

/** What somebody works at now. */
export function isDriven({ status }: Pick<StudyRecord, 'status'>): boolean {
  return status === 'running'
}

/** Why a trial that has not ended does not go on, in words; undefined for one that has, or that a worker has. */
export function waitText(trial: TrialRecord, study: Pick<StudyRecord, 'status' | 'waiting'>): string | undefined {
  const { state, attempts, waiting, ended } = trial
  if (ended !== undefined) return undefined
  if (!isDriven(study)) {
    // What a driver that is gone waited for is over.
    if (state === 'running') return 'was running when its driver was gone'
    return attempts.at(-1)?.how === 'paused' ? `waiting ${waiting ?? 'for a rung'}` : 'waiting for the study to go on'
  }
  if (state === 'running') return undefined
  return `${state === 'preempted' ? 'preempted, ' : ''}waiting ${waiting ?? study.waiting ?? 'for a worker'}`
}

/** Milliseconds that workers had it; up to now for one that runs. */
export function workedOn({ attempts, reports }: TrialRecord, now: number, driven: boolean): number {
  return attempts.reduce((sum, { begin, end }) => sum + ((end ?? (driven ? now : (reports.at(-1)?.time ?? begin))) - begin), 0)
}

export interface StudySummary {
  readonly study: string
  readonly name: string
  readonly mode: string
  readonly status: StudyRecord['status']
  readonly trials: Readonly<Record<TrialState, number>>
  readonly wanted: StudyRecord['wanted']
  readonly objectives: readonly Objective[]
  readonly best: BestJson | null
  readonly created: string
  readonly ended?: string
}

export interface BestJson {
  readonly trial: number
  readonly assignment: TrialRecord['assignment']
  readonly config: TrialRecord['config']
  readonly metrics: Metrics
  readonly without?: readonly string[]
}

/** A study in a list, for programs. Times are ISO 8601. */
export function summaryJson(study: StudyRecord): StudySummary {
  const { id, name, mode, status, trials, wanted, objectives, created, ended } = study
  const best = bestTrial(study)
  return {
    ...{ study: id, name, mode, status, trials: countsOf(trials), wanted, objectives },
    best: best ? bestJson(best) : null,
    created: isoTime(created),
    ...(ended !== undefined && { ended: isoTime(ended) }),
  }
}

/** A study with all but its trials one by one. */
export function detailsJson(study: StudyRecord) {
  const { file, space, defaults, sampler, pruner, seed, workers, engine, busy, waiting, model, owner, trials } = study
  const reasons = trials
    .map((trial) => ({ trial: trial.number, waiting: waitText(trial, study) }))
    .filter((each) => each.waiting !== undefined)
  return {
    ...summaryJson(study),
    ...{ sampler, pruner, seed, workers, engine, seconds: busy / 1000, space, defaults },
    ...(study.cv !== undefined && { cv: study.cv }),
    ...(study.shared && { shared: true }),
    ...(file !== undefined && { file }),
    ...(owner !== undefined && { owner }),
    ...(waiting !== undefined && isDriven(study) && { waiting }),
    ...(model !== undefined && { model }),
    waitingTrials: reasons,
    failures: groupFailures(trials),
    ...(study.objectives.length > 1 && { front: frontOf(study).map(bestJson) }),
  }
}

export function bestJson({ number, assignment, config, metrics, without }: TrialRecord): BestJson {
  return { trial: number, assignment, config, metrics, ...(without && { without }) }
}

/** A trial in a list, for programs. */
export function trialJson(trial: TrialRecord, study: StudyRecord, now: number) {
  const { number, state, origin, parent, without, assignment, config, metrics, values, reports, attempts, error, created, ended } = trial
  const waiting = waitText(trial, study)
  return {
    ...{ trial: number, state, origin, assignment, config, metrics },
    ...(values && { values }),
    ...{ reports: reports.length, attempts: attempts.length, seconds: workedOn(trial, now, isDriven(study)) / 1000 },
    created: isoTime(created),
    ...(ended !== undefined && { ended: isoTime(ended) }),
    ...(parent !== undefined && { parent }),
    ...(without && { without }),
    ...(waiting !== undefined && { waiting }),
    ...(error && { error }),
  }
}

export function isoTime(time: number): string {
  return new Date(time).toISOString()
}

/** By the loss of an objective; those without a value last, in the order of their numbers. */
export function byValue(trials: readonly TrialRecord[], objectives: readonly Objective[]): TrialRecord[] {
  const keyed = trials.map((trial) => ({ trial, loss: trial.values ? lossAt(trial, objectives, 0) : Number.POSITIVE_INFINITY }))
  return keyed
    .sort(
      (a, b) => Number(b.trial.values !== undefined) - Number(a.trial.values !== undefined) || (a.loss === b.loss ? 0 : a.loss - b.loss),
    )
    .map(({ trial }) => trial)
}

function isFinished({ state, values }: TrialRecord): boolean {
  return state === 'finished' && values !== undefined
}

function lossAt({ values }: TrialRecord, objectives: readonly Objective[], objective: number): number {
  const value = values?.[objective] as number
  return objectives[objective]?.direction === 'maximize' ? -value : value
}

function inOrderOfEnd(trials: readonly TrialRecord[]): TrialRecord[] {
  return trials.filter(({ ended }) => ended !== undefined).sort((a, b) => (a.ended as number) - (b.ended as number) || a.number - b.number)
}
