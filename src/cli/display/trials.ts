/** Trials of a study as people read them: tables, the best, and what mattered. */
import { formatDuration } from '../../core/bytes.ts'
import type { ImportanceRow, Replay, StudyRecord, TrialRecord } from '../../hpo/index.ts'
import type { Value } from '../../space/index.ts'
import { bar } from './bar.ts'
import { firstSentence } from './failures.ts'
import { fit, printable } from './fit.ts'
import { formatNumber } from './numbers.ts'
import type { Look } from './runs.ts'
import { fitted } from './studies.ts'
import { bestTrial, isDriven, waitText, workedOn } from './studyFacts.ts'
import { frontTable } from './studyResult.ts'
import { fileWord, goalText, measuredNames, measuredText, paintState, settingsText, shortValue, withoutText } from './studyWords.ts'
import { type Style, styleOf, widthOf } from './style.ts'
import { cut, table } from './table.ts'

export interface TrialsOptions extends Look {
  /** How many there were before some were chosen. */
  readonly of: number
}

/** A row a trial: what it reached, how long it took, and its config; below it why it failed or waits. */
export function trialsText(trials: readonly TrialRecord[], study: StudyRecord, { columns, color, now, of }: TrialsOptions): string {
  if (trials.length === 0) return 'No trials.\n'
  const style = styleOf(color)
  const { dim, red } = style
  const { objectives } = study
  const ablation = study.mode === 'ablation'
  const best = bestTrial(study)
  const again = trials.some(({ attempts }) => attempts.length > 1)
  const names = ablation ? [] : [...new Set([...Object.keys(study.space), ...trials.flatMap(({ assignment }) => Object.keys(assignment))])]
  const rows = trials.map((trial) => {
    const { number, state, values, reports, attempts, assignment } = trial
    const shown = values?.map((value, i) => `${formatNumber(value)}${spreadText(trial, objectives[i]?.metric)}`) ?? objectives.map(() => '')
    const cells = names.map((name) => (Object.hasOwn(assignment, name) ? cut(shortValue(assignment[name] as Value), longest) : ''))
    return [
      ...[String(number), paintState(state, style)(state), ...(trial === best ? shown.map(style.green) : shown), String(reports.length)],
      formatDuration(workedOn(trial, now, isDriven(study))),
      ...(again ? [attempts.length > 1 ? String(attempts.length) : ''] : []),
      ...(ablation ? [withoutText(trial.without ?? [])] : cells),
    ]
  })
  const titles = ['trial', 'state', ...objectives.map(({ metric }) => printable(metric)), 'reports', 'took', ...(again ? ['tries'] : [])]
  const head = [...titles, ...(ablation ? [''] : names.map((name) => cut(printable(name), longest)))]
  const right = head.map((_, i) => i).filter((i) => i !== 1 && (i < titles.length || !ablation))
  const [first = '', ...lines] = aligned([head.map(dim), ...rows], right)
  const told = trials.map(({ error }, i) =>
    error ? red(firstSentence(error.message)) : dim(waitText(trials[i] as TrialRecord, study) ?? ''),
  )
  const indent = ' '.repeat(widthOf('trial') + 2)
  const all = lines.flatMap((line, i) => (told[i] ? [line, `${indent}${told[i]}`] : [line]))
  const rest = of > trials.length ? dim(`${trials.length} of ${of}: --limit ${of} shows all\n`) : ''
  return `${fitted(`${[first, ...all].join('\n')}\n`, columns)}${rest}`
}

/** Lines of a table, aligned over some thousand rows at a time: there may be any number of trials. */
function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const lines: string[] = []
  for (let i = 0; i < rows.length; i += 10_000)
    lines.push(
      ...table(rows.slice(i, i + 10_000), right)
        .trimEnd()
        .split('\n'),
    )
  return lines
}

/** ' ± 0.0034', of what was measured over folds. */
function spreadText({ metrics }: TrialRecord, metric: string | undefined): string {
  const name = `${metric}Std`
  return Object.hasOwn(metrics, name) ? ` ± ${formatNumber(metrics[name] as number)}` : ''
}

/** Of a name or value in a table; most are shorter. */
const longest = 14

export interface BestOptions extends Look {
  readonly program: string
  /** ' --store DIR' where the suggested command needs it. */
  readonly storeFlag: string
}

/** The best trial and the settings that make it again; of several objectives those that no other beats. */
export function bestText(study: StudyRecord, { columns, color, program, storeFlag }: BestOptions): string {
  const style = styleOf(color)
  const { bold, dim } = style
  const best = bestTrial(study)
  if (!best) return 'No trial has finished.\n'
  if (study.objectives.length > 1) return frontTable(study, columns, style)
  const { number, metrics, assignment, without } = best
  const wanted = study.objectives.map(({ metric }) => metric)
  const names = [...wanted, ...measuredNames(metrics).filter((name) => !wanted.includes(name))].filter((name) =>
    Object.hasOwn(metrics, name),
  )
  const rows = [
    ...names.map((name) => [dim(printable(name)), bold(measuredText(metrics, name))]),
    ...Object.entries(assignment).map(([name, value]) => [dim(printable(name)), shortValue(value)]),
    ...(without ? [['', withoutText(without)]] : []),
  ]
  const head = `trial ${number} of ${study.trials.length} ${dim(`(${goalText(study.objectives)})`)}\n`
  const file = study.file === undefined ? 'FILE' : fileWord(study.file)
  const seed = best.seed === 0 ? '' : ` --seed ${best.seed}`
  const again =
    study.mode === 'study' ? `\n${program} train ${file}${settingsText({ ...study.fixed, ...assignment })}${seed}${storeFlag}\n` : ''
  return `${head}${table(rows)}${again}`
}

export interface ImportanceLook extends Look {
  readonly method: string
  readonly metric: string
}

const widestBar = 40

/** A bar for each dimension, the most important first. */
export function importanceText(rows: readonly ImportanceRow[], { columns, color, method, metric }: ImportanceLook): string {
  const style = styleOf(color)
  const { dim } = style
  const most = Math.max(...rows.map(({ importance }) => importance), Number.MIN_VALUE)
  const names = rows.map((row) => row.names.map(printable).join(' × '))
  const label = Math.min(Math.max(...names.map(widthOf)), Math.max(12, Math.floor(columns / 3)))
  const numbers = rows.map(({ importance, deviation }) => `${shareText(importance)} ${dim(`± ${shareText(deviation)}`)}`)
  const width = Math.max(8, Math.min(widestBar, columns - label - Math.max(...numbers.map(widthOf)) - 5))
  const lines = rows.map((row, i) => {
    const name = fit(names[i] as string, label)
    return `${name}${' '.repeat(label - widthOf(name))}  ${barText(row.importance / most, width, style)}  ${numbers[i]}\n`
  })
  const about = method === 'fanova' ? 'parts of the variance over the whole space' : 'rise of the error when it is shuffled, in variances'
  return `${dim(`${printable(metric)} by ${method}: ${about}`)}\n${lines.join('')}`
}

/** As many differences are told one by one: after the first, others follow from it. */
const mostDifferences = 20

export function replayText({ suggestions, verdicts, differences }: Replay): string {
  const asked = `${suggestions} suggestions and ${verdicts} verdicts`
  if (differences.length === 0) return `${asked} came out the same.\n`
  const some = differences.slice(0, mostDifferences).map(({ trial, what }) => `trial ${trial}: ${printable(what)}\n`)
  const rest = differences.length - some.length
  return `Of ${asked}, ${differences.length} came out otherwise:\n${some.join('')}${rest > 0 ? `and ${rest} more\n` : ''}`
}

function barText(share: number, width: number, { cyan, dim }: Style): string {
  const { done, left } = bar(share, width)
  return `${cyan(done)}${dim(left)}`
}

function shareText(share: number): string {
  return share.toFixed(3)
}
