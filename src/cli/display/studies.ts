/** Studies as people read them: a list, and one of them. */

import { summarize } from '../../ablation/index.ts'
import { formatDuration } from '../../core/bytes.ts'
import type { StudyRecord } from '../../hpo/index.ts'
import { describe } from '../../space/index.ts'
import { ablationText } from './ablation.ts'
import { groupFailures } from './failures.ts'
import { fit, printable } from './fit.ts'
import { formatClock, formatNumber } from './numbers.ts'
import type { Look } from './runs.ts'
import { sparkline } from './sparkline.ts'
import { bestSoFar, bestTrial, countsOf, isDriven, waitText } from './studyFacts.ts'
import { frontTable } from './studyResult.ts'
import {
  assignmentText,
  countsText,
  doneOf,
  fileWord,
  goalText,
  goOnText,
  objectiveText,
  paintState,
  rangesText,
  shortValue,
  withoutText,
} from './studyWords.ts'
import { type Style, styleOf, widthOf } from './style.ts'
import { cut, table } from './table.ts'

/** A study whose log cannot be read is listed too, with why. */
export type Listed =
  | StudyRecord
  | { readonly id: string; readonly name: string; readonly mode: string; readonly created: number; readonly problem: string }

export function studyListText(studies: readonly Listed[], { columns, color, now }: Look): string {
  if (studies.length === 0) return 'No studies.\n'
  const style = styleOf(color)
  const rows = studies.map((study) => {
    const { id, name, mode, created } = study
    const about = [id, cut(printable(name), 16), mode]
    const ago = agoText(now - created)
    if ('problem' in study) return [...about, style.red('unreadable'), '', '', `${ago}  ${printable(study.problem)}`]
    return [...about, paintStatus(study.status, style), progressText(study), bestText(study, style), ago]
  })
  const lines = [['study', 'name', 'mode', 'status', 'trials', 'best', 'began'].map(style.dim), ...rows]
  const whole = table(lines, [4])
  // Where there is no room for all, names go first: `studies show` has them. What is wrong with a study is cut anyway.
  const narrow = whole.split('\n').some((line, i) => widthOf(line) > columns && !('problem' in (studies[i - 1] ?? {})))
  return fitted(
    narrow
      ? table(
          lines.map(([study = '', , ...others]) => [study, ...others]),
          [3],
        )
      : whole,
    columns,
  )
}

export interface ShowOptions extends Look {
  readonly program: string
  readonly storeFlag: string
}

/** What an ablation found so far; the best of its trials would say nothing. */
function effectsPart(study: StudyRecord, { columns, color }: Look): string {
  const [objective] = study.objectives
  return objective && study.trials.some(({ state }) => state === 'finished')
    ? ablationText(summarize(study.trials, objective), { columns, color })
    : ''
}

export function studyShowText(study: StudyRecord, options: ShowOptions): string {
  const style = styleOf(options.color)
  const parts = [
    headText(study, options, style),
    spaceTable(study, style),
    study.mode === 'ablation' ? effectsPart(study, options) : bestPart(study, options, style),
    runningPart(study, options, style),
    waitingPart(study, options.columns, style),
    failuresPart(study, options.columns, style),
    withoutPart(study, style),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function headText(study: StudyRecord, { columns, now, program, storeFlag }: ShowOptions, style: Style): string {
  const { id, name, mode, status, file, objectives, sampler, pruner, seed, workers, engine, created, busy, wanted, trials } = study
  const { bold, dim } = style
  const counts = countsOf(trials)
  const pauses = (study.ended ?? now) - created - busy > 60_000 ? ', without the pauses' : ''
  const facts: [string, string | undefined][] = [
    ['training', printable(name)],
    ['mode', mode],
    ['file', file && fileWord(file)],
    ['goal', goalText(objectives)],
    ['sampler', printable(sampler)],
    ['pruner', printable(pruner)],
    ['folds', foldsText(study)],
    ['seed', String(seed)],
    ['workers', `${workers || 'auto'} × ${engine}`],
    ['work', study.shared ? 'shared: a trial’s time is how long it waited' : undefined],
    ['began', `${new Date(created).toISOString().replace('T', ' ').slice(0, 19)} UTC, ${agoText(now - created)}`],
    ['worked', `${formatDuration(busy)}${pauses}`],
    ['trials', `${doneOf(counts)}${wanted.trials === undefined ? '' : ` of ${wanted.trials}`}  ${countsText(counts, style)}`],
    ['now', nowText(study, program, storeFlag, style)],
  ]
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '')
  const head = `${bold(id)}  ${paintStatus(status, style)}\n`
  // What is to be typed is not cut.
  const lines = table(known.map(([word, text]) => [dim(word), text]))
    .trimEnd()
    .split('\n')
  return head + lines.map((line, i) => `${known[i]?.[0] === 'now' ? line : fit(line, columns)}\n`).join('')
}

/** How trials are cross-validated. */
function foldsText({ cv }: StudyRecord): string | undefined {
  return cv === undefined ? undefined : printable(typeof cv === 'number' ? String(cv) : JSON.stringify(cv))
}

/** Who drives it, what it waits for, or how it goes on. */
function nowText(study: StudyRecord, program: string, storeFlag: string, { yellow, red }: Style): string | undefined {
  const { status, owner, waiting } = study
  const goOn = `${program} ${goOnText(study)}${storeFlag}`
  switch (status) {
    case 'running': {
      const driven = `being driven by ${owner ?? 'another process'}`
      return waiting === undefined ? driven : `${driven}, ${yellow(`waiting ${printable(waiting)}`)}`
    }
    case 'lost':
      return `${red(`its driver is gone${owner === undefined ? '' : ` (${owner})`}`)}: go on with ${goOn}`
    case 'interrupted':
      return `interrupted: go on with ${goOn}`
    case 'failed':
      return `it failed: when what went wrong is mended, go on with ${goOn}`
    case 'finished': {
      const open = study.trials.filter(({ ended }) => ended === undefined).length
      return open === 0 ? undefined : `it ended before ${open === 1 ? 'a trial' : `${open} trials`} did: go on with ${goOn}`
    }
    default:
      return status satisfies never
  }
}

function spaceTable(study: StudyRecord, { dim }: Style): string {
  const { space, defaults } = study
  const best = bestTrial(study)
  const rows = Object.entries(space).map(([name, dimension]) => {
    const value = best?.assignment[name]
    const when = Object.entries(dimension.when ?? {}).map(
      ([other, values]) => `${printable(other)} is ${values.map(shortValue).join(' or ')}`,
    )
    const about = `${printable(describe(dimension))}${when.length === 0 ? '' : dim(`, where ${when.join(' and ')}`)}`
    const usual = Object.hasOwn(defaults, name) ? shortValue(defaults[name] as string) : ''
    return [printable(name), cut(value === undefined ? '-' : shortValue(value), 16), cut(usual, 16), about]
  })
  return rows.length === 0 ? '' : table([['dimension', 'best', 'default', 'searched'].map(dim), ...rows], [1, 2])
}

function bestPart(study: StudyRecord, { columns }: Look, style: Style): string {
  const { dim } = style
  const { objectives, trials } = study
  const best = bestTrial(study)
  if (!best) return trials.length === 0 ? '' : `${dim('No trial has finished yet.')}\n`
  const model =
    study.model === undefined ? '' : study.model === best.number ? 'its model is kept' : `the model of trial ${study.model} is kept`
  const told = [`${dim('best')}  trial ${best.number}`, objectiveText(objectives, best.metrics, style), dim(model)]
  const lines = [told.filter((part) => part !== '').join('  ')]
  const curve = bestSoFar(study)
  const drawn = sparkline(curve, Math.min(60, Math.max(8, columns - 40)))
  if (drawn !== '' && curve[0] !== curve.at(-1)) {
    const [from, to] = [curve[0] as number, curve.at(-1) as number].map(formatNumber)
    lines.push(`${dim('so far')}  ${from} ${drawn} ${to}  ${dim(`over ${curve.length} finished`)}`)
  }
  const text = `${lines.join('\n')}\n`
  return objectives.length > 1 ? `${text}\n${frontTable(study, columns, style)}` : text
}

/** As many trials are shown one by one. */
const mostRunning = 12

/** What workers have now. */
function runningPart(study: StudyRecord, { columns, now }: Look, { dim }: Style): string {
  const running = isDriven(study) ? study.trials.filter(({ state }) => state === 'running') : []
  if (running.length === 0) return ''
  const [metric = ''] = study.objectives.map((objective) => objective.metric)
  const rows = running.slice(0, mostRunning).map((trial) => {
    const report = trial.reports.at(-1)
    const value = report?.metrics[metric]
    const since = trial.attempts.at(-1)?.begin ?? now
    return [
      ...[String(trial.number), String(trial.attempts.at(-1)?.worker ?? ''), String(report?.step ?? '')],
      ...[value === undefined ? '' : formatNumber(value), formatClock((now - since) / 1000), assignmentText(trial.assignment)],
    ]
  })
  const rest = running.length - rows.length
  const head = ['running', 'worker', 'step', printable(metric), 'time', ''].map(dim)
  return `${fitted(table([head, ...rows], [0, 1, 2, 3, 4]), columns)}${rest > 0 ? dim(`and ${rest} more\n`) : ''}`
}

/** Why each trial waits that does, those that wait for the same together. */
function waitingPart(study: StudyRecord, columns: number, style: Style): string {
  const waiting = study.trials
    .map((trial) => ({ number: trial.number, why: waitText(trial, study) }))
    .filter(({ why }) => why !== undefined)
  const rows = [...Map.groupBy(waiting, ({ why }) => why)].map(([why = '', group]) => [
    printable(why),
    `${style.dim(group.length === 1 ? 'trial' : `${group.length} trials:`)} ${rangesText(group.map(({ number }) => number))}`,
  ])
  return rows.length === 0 ? '' : fitted(table(rows), columns)
}

function failuresPart({ trials }: StudyRecord, columns: number, style: Style): string {
  return groupFailures(trials)
    .map(({ state, reason, code, trials: numbers }) => {
      const head = `${numbers.length} ${state}`
      const which = style.dim(`${numbers.length === 1 ? 'trial' : 'trials'} ${rangesText(numbers)}`)
      const about = `${style.red(head)}  ${reason}${code === undefined ? '' : style.dim(` [${code}]`)}\n`
      return `${about}${fit(`${' '.repeat(head.length + 2)}${which}`, columns)}\n`
    })
    .join('')
}

/** Of an ablation what each trial went without. */
function withoutPart({ mode, trials, objectives }: StudyRecord, style: Style): string {
  if (mode !== 'ablation' || trials.length === 0) return ''
  const rows = trials.map((trial) => [
    String(trial.number),
    paintState(trial.state, style)(trial.state),
    String(trial.seed),
    ...(trial.values ?? objectives.map(() => Number.NaN)).map((value) => (Number.isNaN(value) ? '' : formatNumber(value))),
    withoutText(trial.without ?? []),
  ])
  const right = [0, 2, ...objectives.map((_, i) => 3 + i)]
  return table([['trial', 'state', 'seed', ...objectives.map(({ metric }) => printable(metric)), ''].map(style.dim), ...rows], right)
}

function progressText({ trials, wanted }: StudyRecord): string {
  const done = doneOf(countsOf(trials))
  return wanted.trials === undefined ? String(done) : `${done}/${wanted.trials}`
}

function bestText(study: StudyRecord, style: Style): string {
  const best = bestTrial(study)
  return best ? objectiveText(study.objectives, best.metrics, style) : style.dim(isDriven(study) ? 'none yet' : 'none')
}

function paintStatus(status: StudyRecord['status'], { green, red, yellow, cyan }: Style): string {
  return { finished: green, failed: red, lost: red, interrupted: yellow, running: cyan }[status](status)
}

/** Each line of a text cut to the terminal. */
export function fitted(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => fit(line, columns))
    .join('\n')
}

function agoText(milliseconds: number): string {
  const steps: [number, string][] = [
    [60, 's'],
    [60, 'min'],
    [24, 'h'],
    [Number.POSITIVE_INFINITY, 'd'],
  ]
  let value = Math.max(0, milliseconds / 1000)
  for (const [size, unit] of steps) {
    if (value < size) return `${Math.floor(value)} ${unit} ago`
    value /= size
  }
  return ''
}
