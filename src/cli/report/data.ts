/** A study's record made small, and what follows from it worked out, for its page. */
import { isAbsolute, relative } from 'node:path'
import { summarize } from '../../ablation/index.ts'
import { TuttiError } from '../../core/errors.ts'
import { importance, type Objective, type StudyRecord, type TrialRecord } from '../../hpo/index.ts'
import type { Scaling } from '../../run/index.ts'
import { type Dimension, describe } from '../../space/index.ts'
import { rowsOf } from '../display/scaling.ts'
import { assignmentText, measuredText } from '../display/studyWords.ts'
import type { PageAblation, PageData, PageDimension, PageImportance, PageScaling, PageTrial } from './pageData.ts'

export interface PageMaking {
  /** Milliseconds since 1970: when the page is made. */
  readonly now: number
  readonly version: string
  readonly program: string
  /** Of a search that was run with several numbers of workers. */
  readonly scaling?: Scaling
}

/** So many points of curves make a page of one or two megabytes. */
const mostPoints = 60_000

export function pageData(study: StudyRecord, { now, version, program, scaling }: PageMaking): PageData {
  const { id, name, mode, status, sampler, pruner, seed, engine, workers, file, created, ended, busy, waiting } = study
  const dimensions = Object.entries(study.space)
  const metrics = metricsOf(study)
  const reported = study.trials.reduce((sum, { reports }) => sum + reports.length, 0) * metrics.length
  const keep = Math.max(1, Math.ceil(reported / mostPoints))
  return {
    facts: {
      ...{ id, name, mode, status, sampler, pruner, seed, engine, workers, created, ended, busy, waiting, version, program },
      // Pages are passed on: as it is typed where the page was made, and not where that folder is on the disk.
      ...(file !== undefined && { file: isAbsolute(file) ? relative('.', file) : file }),
      made: now,
      wantedTrials: study.wanted.trials,
      fixed: Object.entries(study.fixed ?? {}),
      ...(study.shared && { shared: true }),
      ...(study.cv !== undefined && { folds: typeof study.cv === 'number' ? String(study.cv) : JSON.stringify(study.cv) }),
    },
    objectives: study.objectives.map((objective, i) => ({
      ...objective,
      best: bestOf(study, i),
      importance: dimensions.length > 0 ? importanceOf(study, i) : undefined,
      ablation: mode === 'ablation' ? ablationOf(study, objective) : undefined,
    })),
    dimensions: dimensions.map(([name, dimension]) => dimensionOf(name, dimension, study.trials)),
    metrics,
    trials: study.trials.map((trial) => trialOf(trial, study, metrics, keep)),
    front: frontOf(study),
    ...(scaling && { scaling: scalingOf(scaling) }),
    thinned: keep > 1,
  }
}

function scalingOf({ metric, standard, best, trials, engine, cores, runs, same }: Scaling): PageScaling {
  const usual = Object.fromEntries(Object.keys(best?.assignment ?? {}).map((key) => [key, standard.config[key] as string]))
  return {
    metric,
    standard: [assignmentText(usual), measuredText(standard.metrics, metric)],
    ...(best && { best: [assignmentText(best.assignment), measuredText(best.metrics, metric)] as const }),
    about: `Seconds of the whole study of ${trials} trials, the start of its workers (${engine}) included, on ${cores} ${cores === 1 ? 'processor' : 'processors'}. ${same ? 'All runs found the same, to the last bit.' : 'The runs did not all find the same.'}`,
    runs: runs.map(({ workers, shared, seconds, speedUp }) => ({ workers, shared, seconds, speedUp })),
    rows: rowsOf(runs),
  }
}

/** Those of objectives first, then others by name. */
function metricsOf({ objectives, trials }: StudyRecord): string[] {
  const reported = new Set(trials.flatMap(({ reports }) => reports.flatMap(({ metrics }) => Object.keys(metrics))))
  const first = objectives.map(({ metric }) => metric).filter((metric) => reported.has(metric))
  return [...first, ...[...reported].filter((metric) => !first.includes(metric)).sort()]
}

function dimensionOf(name: string, dimension: Dimension, trials: readonly TrialRecord[]): PageDimension {
  const common = { name, kind: dimension.kind, text: describe(dimension), conditional: dimension.when !== undefined }
  switch (dimension.kind) {
    case 'choice':
    case 'ordinal':
      return { ...common, log: false, values: dimension.values }
    case 'boolean':
      return { ...common, log: false, values: [false, true] }
    case 'fixed':
      return { ...common, log: false, values: [dimension.value] }
    case 'normal': {
      // It has no ends: those of what was tried.
      const tried = trials.map(({ assignment }) => own(assignment, name)).filter((value) => typeof value === 'number')
      const { mean, deviation } = dimension
      return { ...common, log: false, range: [Math.min(mean - deviation, ...tried), Math.max(mean + deviation, ...tried)] }
    }
    default:
      return { ...common, log: dimension.kind.startsWith('log'), range: [dimension.low, dimension.high] }
  }
}

function trialOf(trial: TrialRecord, { objectives, space, created }: StudyRecord, metrics: readonly string[], keep: number): PageTrial {
  const { number, state, seed, origin, parent, without, reports, assignment, waiting } = trial
  // The first, the last, and some between.
  const kept = reports.filter((_, i) => i === 0 || i === reports.length - 1 || i % keep === 0)
  return {
    ...{ number, state, seed, origin, parent, without, waiting },
    values: objectives.map(({ metric }, i) => finite(trial.values?.[i] ?? (state === 'running' ? own(trial.metrics, metric) : undefined))),
    ...spreadOf(trial, objectives),
    at: Object.keys(space).map((name) => own(assignment, name) ?? null),
    error: trial.error?.message,
    attempts: trial.attempts.map(({ worker, begin, end, how }) => [
      worker,
      begin - created,
      end === undefined ? null : end - created,
      how ?? null,
    ]),
    step: reports.at(-1)?.step,
    curves:
      kept.length === 0
        ? undefined
        : {
            steps: kept.map(({ step }) => step),
            values: metrics.map((metric) => kept.map((report) => short(own(report.metrics, metric)))),
          },
  }
}

function spreadOf({ metrics }: TrialRecord, objectives: readonly Objective[]): Pick<PageTrial, 'spread'> {
  const spread = objectives.map(({ metric }) => finite(own(metrics, `${metric}Std`)))
  return spread.some((one) => one !== null) ? { spread } : {}
}

/** The least of equals is the one that came first. */
function bestOf({ trials, objectives }: StudyRecord, objective: number): number | undefined {
  let best: { number: number; loss: number } | undefined
  for (const trial of trials) {
    const loss = lossesOf(trial, objectives)?.[objective]
    if (loss !== undefined && (best === undefined || loss < best.loss)) best = { number: trial.number, loss }
  }
  return best?.number
}

function frontOf({ trials, objectives }: StudyRecord): number[] {
  let front: { number: number; losses: readonly number[] }[] = []
  for (const trial of trials) {
    const losses = lossesOf(trial, objectives)
    if (losses === undefined || front.some((other) => beats(other.losses, losses))) continue
    front = [...front.filter((other) => !beats(losses, other.losses)), { number: trial.number, losses }]
  }
  return front.map(({ number }) => number)
}

/** As good everywhere; so of equals the first stays. */
function beats(a: readonly number[], b: readonly number[]): boolean {
  return a.every((loss, i) => loss <= (b[i] as number))
}

/** Of a finished trial with finite values; smaller is better. */
function lossesOf({ state, values }: TrialRecord, objectives: readonly Objective[]): number[] | undefined {
  if (state !== 'finished' || !values?.every(Number.isFinite)) return undefined
  return objectives.map(({ direction }, i) => (direction === 'maximize' ? -1 : 1) * (values[i] as number))
}

function importanceOf(study: StudyRecord, objective: number): PageImportance {
  try {
    const rows = importance(study, { method: 'fanova', objective, seed: study.seed, pairs: true })
    const shares = rows.map(({ names, importance, deviation }) => ({ names, name: names.join(' × '), share: importance, deviation }))
    return {
      fanova: shares.filter(({ names }) => names.length === 1).map(({ names: _, ...share }) => share),
      pairs: shares.filter(({ names, share }) => names.length === 2 && share >= 0.01).map(({ names: _, ...share }) => share),
      permutation: importance(study, { method: 'permutation', objective, seed: study.seed }).map(({ names, importance, deviation }) => ({
        name: names.join(),
        share: importance,
        deviation,
      })),
    }
  } catch (error) {
    if (error instanceof TuttiError) return { problem: error.message }
    throw error
  }
}

function ablationOf({ trials }: StudyRecord, objective: Objective): PageAblation {
  const { base, rows } = summarize(trials, objective)
  return {
    base: base.mean,
    seeds: base.values.length,
    rows: rows.flatMap(({ without, effect }) => {
      if (effect === undefined) return []
      const { mean, interval, sure, seeds } = effect
      return [{ name: without.join(' & '), effect: mean, interval, sure, seeds }]
    }),
  }
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** Of six digits: a curve of 300 pixels needs no more. */
function short(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(6)) : null
}
