/** How a run ended, for people and for programs. */
import { relative } from 'node:path'
import { formatDuration } from '../../core/bytes.ts'
import type { RunResult, RunStart } from '../../run/index.ts'
import { quoted } from '../settings.ts'
import { foldsText } from './folds.ts'
import { formatNumber } from './numbers.ts'
import { styleOf } from './style.ts'

/**
 * `{ "run", "status", "metrics", "seconds" }`, `"folds"` of a cross-validation, `"importances"` of an estimator, and `"error"` for a run that failed; `run` is null where
 * none was begun.
 */
export function jsonOf({
  run,
  status,
  metrics,
  seconds,
  folds,
  importances,
  error,
}: Omit<RunResult, 'run'> & { readonly run: string | null }): string {
  const rounded = (value: number) => Number(value.toFixed(3))
  const told = folds?.map(({ metrics, seconds, rows }) => ({ metrics, seconds: rounded(seconds), rows }))
  return JSON.stringify({
    run,
    status,
    metrics,
    seconds: rounded(seconds),
    ...(told && { folds: told }),
    ...(importances && { importances }),
    ...(error && { error }),
  })
}

export interface ResultOptions {
  readonly color: boolean
  readonly program: string
  /** ' --store DIR' where suggested commands need it. */
  readonly storeFlag: string
  /** ' --data-dir DIR' where commands that train need it. */
  readonly dataDirFlag: string
  /** The settings of this call, which a next one keeps. */
  readonly settings: Readonly<Record<string, string>>
}

/** Bars of what the features were worth, the longest first. */
function worthLines(importances: Readonly<Record<string, number>>, { bold, dim }: ReturnType<typeof styleOf>): string[] {
  const all = Object.entries(importances)
  const longest = Math.max(...all.map(([name]) => name.length))
  const most = Math.max(...all.map(([, worth]) => worth))
  return [
    `  ${dim('What features were worth')}`,
    ...all.map(([name, worth]) =>
      `  ${name.padEnd(longest)}  ${bold(formatNumber(worth).padEnd(8))}  ${'█'.repeat(Math.round((24 * worth) / most))}`.trimEnd(),
    ),
  ]
}

/** The result, where it is stored, and what to try next. */
export function resultText(result: RunResult, start: RunStart, options: ResultOptions): string {
  const { run, status, metrics, seconds, checkpoint, folds, importances } = result
  const { color, program, storeFlag, dataDirFlag } = options
  const { green, yellow, red, bold, dim } = styleOf(color)
  const took = formatDuration(seconds * 1000)
  const lines: string[] = []
  if (status === 'finished') lines.push(green(`Finished in ${took}.`))
  if (status === 'interrupted')
    lines.push(yellow(`Interrupted after ${took}. ${checkpoint ? `Kept ${checkpoint}.` : 'No checkpoint had been written yet.'}`))
  if (status === 'failed') lines.push(red(`Failed after ${took}.`))

  const width = Math.max(0, ...Object.keys(metrics).map((key) => key.length))
  if (folds?.length) lines.push('', foldsText(metrics, folds, styleOf(color)).trimEnd())
  else if (width > 0)
    lines.push('', ...Object.entries(metrics).map(([key, value]) => `  ${key.padEnd(width)}  ${bold(formatNumber(value))}`))

  if (importances) lines.push('', ...worthLines(importances, styleOf(color)))

  const next: [string, string][] = [['Stored', `run ${run} in ${start.store}`]]
  const command = (rest: string) => `${program} ${rest}${storeFlag}`
  const seed = start.seed === 0 ? '' : ` --seed ${start.seed}`
  const train = (settings: Readonly<Record<string, string>>) =>
    command(`train ${fileOf(start)}${settingsText(settings)}${seed}${dataDirFlag}`)
  if (status === 'finished') {
    next.push(['Look', command(`runs show ${run}`)])
    if (folds) next.push(['Model', 'none: folds measure, and keep no model'], ['Train', train(options.settings)])
    else next.push(['Use', command(`predict ${run} --input FILE`)], ['Take', command(`export ${run} --to model`)])
    const change = nextSetting(start.config)
    if (change && !folds) next.push(['Try', train({ ...options.settings, [change[0]]: change[1] })])
  } else {
    next.push(
      ['Look', command(`runs show ${run}`)],
      [status === 'failed' ? 'Retry' : 'Go on', command(`train --resume ${run}${dataDirFlag}`)],
    )
  }
  lines.push('', ...next.map(([word, text]) => `${dim(word.padEnd(7))} ${text}`))
  return `${lines.join('\n')}\n`
}

function fileOf({ file }: RunStart): string {
  const short = relative('.', file)
  return quoted(short.startsWith('..') ? file : short)
}

function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => ` --set ${quoted(`${key}=${value}`)}`)
    .join('')
}

/** A setting worth a second run: twice the first size, or half the first rate. */
function nextSetting(config: RunStart['config']): [string, string] | undefined {
  const numbers = Object.entries(config).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0)
  const [key, value] =
    numbers.find(([key, value]) => Number.isInteger(value) && !/epoch|batch|seed|thread/i.test(key)) ??
    numbers.find(([key]) => /rate/i.test(key)) ??
    []
  if (key === undefined || value === undefined) return undefined
  return [key, `${/rate/i.test(key) ? value / 2 : value * 2}`]
}
