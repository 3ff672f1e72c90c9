/** How a study ended, for people and for programs. */
import type { AblationTable } from '../../ablation/index.ts'
import { formatDuration } from '../../core/bytes.ts'
import type { StudyRecord, TrialState } from '../../hpo/index.ts'
import type { Scaling, StudyResult, StudyStart } from '../../run/index.ts'
import { quoted } from '../settings.ts'
import { fit, printable } from './fit.ts'
import { formatNumber } from './numbers.ts'
import { frontOf } from './studyFacts.ts'
import {
  assignmentText,
  countsText,
  doneOf,
  fileWord,
  goOnText,
  measuredNames,
  measuredText,
  settingsText,
  shortValue,
  trialStates,
} from './studyWords.ts'
import { type Style, styleOf, widthOf } from './style.ts'
import { table } from './table.ts'

type JsonOf = Pick<StudyResult, 'status' | 'seconds' | 'best' | 'error'> & {
  /** Null where none was begun. */
  readonly study: string | null
  readonly trials?: Readonly<Partial<Record<TrialState, number>>>
  /** Of an ablation. */
  readonly table?: AblationTable
  /** Of a search with several numbers of workers, and where its page is. */
  readonly scaling?: Scaling
  readonly html?: string
}

/** `{ "study", "status", "trials": {state: count}, "best": {"config", "metrics"}, "seconds" }`, `"effects"` of an ablation, `"scaling"` and `"html"` of a comparison, and `"error"` of one that failed. */
export function studyJsonOf({ study, status, trials = {}, best, seconds, error, table: effects, scaling, html }: JsonOf): string {
  return JSON.stringify({
    study,
    status,
    trials: Object.fromEntries(trialStates.map((state) => [state, trials[state] ?? 0])),
    best: best ? { config: best.config, metrics: best.metrics } : null,
    seconds: Number(seconds.toFixed(3)),
    ...(effects && { effects: { base: effects.base, rows: effects.rows } }),
    ...(scaling && { scaling, html }),
    ...(error && { error }),
  })
}

export interface StudyResultOptions {
  readonly color: boolean
  readonly columns: number
  readonly program: string
  /** ' --store DIR' where suggested commands need it. */
  readonly storeFlag: string
  /** ' --data-dir DIR' where commands that train need it. */
  readonly dataDirFlag?: string
  /** Options of the engine that a next command needs, each after a space. */
  readonly engine?: string
  /** The settings of this call, which a next one keeps. */
  readonly settings: Readonly<Record<string, string>>
  /** The study as the store has it now. */
  readonly record: StudyRecord
}

/** The result, where it is stored, and what to do with it. */
export function studyResultText(result: StudyResult, start: StudyStart, options: StudyResultOptions): string {
  const { record, color } = options
  const style = styleOf(color)
  const parts = [`${endLine(result, record, style)}\n`]
  if (record.objectives.length > 1) parts.push(frontTable(record, options.columns, style))
  else parts.push(bestTables(result, record, style))
  parts.push(links(result, start, options))
  return parts.filter((part) => part !== '').join('\n')
}

/** How an ablation ended, round the table of what it found. */
export function ablationResultText(result: StudyResult, start: StudyStart, found: string, options: StudyResultOptions): string {
  const ended =
    result.status === 'finished' && !isCut(result, options.record) ? '' : `${endLine(result, options.record, styleOf(options.color))}\n\n`
  return `${ended}${found}\n${links(result, start, options)}`
}

/** Where it is stored, and what to do with it. */
function links(result: StudyResult, start: StudyStart, options: StudyResultOptions): string {
  const { dim } = styleOf(options.color)
  const rows = [['Stored', `study ${result.study} in ${start.store}`], ...nextCommands(result, start, options)]
  return table(rows.map(([word = '', text = '']) => [dim(word), text]))
}

/** What went wrong with one that failed is told like every error. */
function endLine(result: StudyResult, record: StudyRecord, style: Style): string {
  const { status, seconds, trials } = result
  const { green, yellow, red } = style
  const took = formatDuration(seconds * 1000)
  const told = {
    finished: isCut(result, record) ? yellow(`The time was over after ${took}.`) : green(`Finished in ${took}.`),
    interrupted: yellow(`Interrupted after ${took}.`),
    failed: red(`Failed after ${took}.`),
  }[status]
  return `${told}  ${countsText(trials, style)}`.trimEnd()
}

/** Ended by --timeout, with trials left to do. */
function isCut({ seconds, trials }: StudyResult, { wanted }: StudyRecord): boolean {
  const left = wanted.trials === undefined || doneOf(trials) < wanted.trials
  return wanted.timeout !== undefined && seconds >= wanted.timeout && left
}

function bestTables({ best }: StudyResult, { objectives, trials }: StudyRecord, { bold, dim }: Style): string {
  if (!best) return ''
  const assignment = trials[best.number]?.assignment ?? {}
  const first = objectives.map(({ metric }) => metric).filter((metric) => Object.hasOwn(best.metrics, metric))
  const names = [...first, ...measuredNames(best.metrics).filter((name) => !first.includes(name))]
  const metrics = names.map((name) => [printable(name), bold(measuredText(best.metrics, name))])
  const values = Object.entries(assignment).map(([key, value]) => [printable(key), shortValue(value)])
  const width = Math.max(0, ...[...metrics, ...values].map(([name = '']) => widthOf(name)))
  const block = (rows: readonly (readonly string[])[]) =>
    rows.map(([name = '', text = '']) => `  ${name}${' '.repeat(width - widthOf(name))}  ${text}\n`).join('')
  return `${dim('Best:')} trial ${best.number}\n${block(metrics)}${values.length > 0 ? `\n${block(values)}` : ''}`
}

/** Of several objectives the trials that no other beats in all of them. */
export function frontTable(record: StudyRecord, columns: number, { bold, dim }: Style): string {
  const front = frontOf(record)
  if (front.length === 0) return ''
  const { objectives } = record
  const rows = front.map(({ number, values = [], assignment }) => [
    String(number),
    ...values.map(formatNumber),
    dim(assignmentText(assignment)),
  ])
  const right = [0, ...objectives.map((_, i) => i + 1)]
  const lines = table([['trial', ...objectives.map(({ metric }) => printable(metric)), ''].map(dim), ...rows], right)
  const head = `${bold('Best trade-offs')} ${dim(`(${count(front.length, 'trial')} that no other beats in every objective)`)}`
  return [head, ...lines.trimEnd().split('\n')].map((line) => `${fit(line, columns - 1)}\n`).join('')
}

function nextCommands({ study, status, best, trials }: StudyResult, { file }: StudyStart, options: StudyResultOptions): [string, string][] {
  const { program, storeFlag, dataDirFlag = '', engine = '', settings, record } = options
  const command = (rest: string) => `${program} ${rest}${storeFlag}`
  const id = quoted(study)
  const next: [string, string][] = [['Look', command(`studies show ${id}`)]]
  if (best) next.push(['Report', command(`report ${id} --html report.html`)])
  if (best && record.cv !== undefined) next.push(['Model', 'none: folds measure, and keep no model'])
  if (record.model !== undefined) next.push(['Use', command(`predict ${id} --input FILE`)])
  if (best && file !== undefined && record.mode === 'study') {
    const assignment = record.trials[best.number]?.assignment ?? {}
    next.push([
      'Train',
      command(
        `train ${fileWord(file)}${settingsText({ ...record.fixed, ...settings, ...assignment })}${seedText(record.seed)}${dataDirFlag}`,
      ),
    ])
  }
  const more = moreText(record, doneOf(trials))
  // All of a grid, or of a plan, is all there is.
  if (file !== undefined && (status !== 'finished' || more !== ''))
    next.push([status === 'failed' ? 'Retry' : 'Go on', command(`${goOnText({ ...record, file }, more)}${engine}${dataDirFlag}`)])
  return next
}

function seedText(seed: number): string {
  return seed === 0 ? '' : ` --seed ${seed}`
}

/** A study that has all it was asked for goes on where it is asked for more. */
function moreText({ wanted, mode }: StudyRecord, done: number): string {
  if (mode !== 'study') return ''
  if (wanted.trials !== undefined && done >= wanted.trials) return ` --trials ${2 * wanted.trials}`
  return wanted.timeout === undefined ? '' : ` --timeout ${wanted.timeout}`
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
