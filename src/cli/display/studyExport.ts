/** Studies as text for other programs. */
import type { StudyRecord, TrialRecord } from '../../hpo/index.ts'
import { isDriven, isoTime, workedOn } from './studyFacts.ts'

/**
 * A line a trial, as data frames like it: its config as `config.KEY`, its metrics as `metrics.KEY`. Numbers that are none are
 * 'NaN', 'Infinity' and '-Infinity'; times are ISO 8601.
 */
export function trialsCsv(study: StudyRecord, now: number): string {
  const { trials } = study
  const keysOf = (part: 'config' | 'metrics') => [...new Set(trials.flatMap((trial) => Object.keys(trial[part])))]
  const [config, metrics] = [keysOf('config'), keysOf('metrics')]
  const facts: readonly [string, (trial: TrialRecord) => string | number | undefined][] = [
    ['study', () => study.id],
    ['trial', ({ number }) => number],
    ['state', ({ state }) => state],
    ['origin', ({ origin }) => origin],
    ['parent', ({ parent }) => parent],
    ['without', ({ without }) => without?.join(' ')],
    ['seed', ({ seed }) => seed],
    ['created', ({ created }) => isoTime(created)],
    ['ended', ({ ended }) => ended && isoTime(ended)],
    ['seconds', (trial) => workedOn(trial, now, isDriven(study)) / 1000],
    ['reports', ({ reports }) => reports.length],
    ['attempts', ({ attempts }) => attempts.length],
    ['error', ({ error }) => error?.message],
  ]
  const head = [...facts.map(([name]) => name), ...config.map((key) => `config.${key}`), ...metrics.map((key) => `metrics.${key}`)]
  const rows = trials.map((trial) => [
    ...facts.map(([, of]) => of(trial)),
    ...config.map((key) => own(trial.config, key)),
    ...metrics.map((key) => own(trial.metrics, key)),
  ])
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\n`).join('')
}

/** All there is: the whole record, with every report and attempt. */
export function studyJson(study: StudyRecord): string {
  const times = new Set(['created', 'ended', 'begin', 'end', 'time'])
  const timed = ({ created, ended, trials, ...rest }: StudyRecord) => ({
    ...rest,
    created: isoTime(created),
    ...(ended !== undefined && { ended: isoTime(ended) }),
    trials: trials.map((trial) => ({
      ...withTimes(trial, times),
      reports: trial.reports.map((report) => withTimes(report, times)),
      attempts: trial.attempts.map((attempt) => withTimes(attempt, times)),
    })),
  })
  const plain = (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value)
  return `${JSON.stringify(timed(study), plain, 2)}\n`
}

function withTimes(record: object, names: ReadonlySet<string>): object {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, names.has(name) && typeof value === 'number' ? isoTime(value) : value]),
  )
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** RFC 4180. */
function field(value: string | number | boolean | undefined): string {
  const text = value === undefined ? '' : `${value}`
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
