/** Words of studies that several displays share. */
import { relative } from 'node:path'
import type { Metrics, Objective, SharedProgress, StudyRecord, TrialState } from '../../hpo/index.ts'
import type { Value } from '../../space/index.ts'
import { quoted } from '../settings.ts'
import { printable } from './fit.ts'
import { formatNumber } from './numbers.ts'
import type { Style } from './style.ts'

/** In the order in which people want to know. */
export const trialStates: readonly TrialState[] = ['finished', 'pruned', 'running', 'waiting', 'preempted', 'failed', 'lost']

export function paintState(state: TrialState, style: Style): (text: string) => string {
  const { green, dim, cyan, yellow, red } = style
  const plain = (text: string) => text
  return { finished: green, pruned: dim, running: cyan, waiting: plain, preempted: yellow, failed: red, lost: red }[state]
}

/** '41 finished  17 pruned  2 failed': those that there are. */
export function countsText(counts: Readonly<Record<TrialState, number>>, style: Style): string {
  const some = trialStates.filter((state) => counts[state] > 0)
  return some.map((state) => paintState(state, style)(`${counts[state]} ${state}`)).join('  ')
}

/** Trials that are over. */
export function doneOf({ finished, pruned, failed, lost }: Readonly<Record<TrialState, number>>): number {
  return finished + pruned + failed + lost
}

/** A value to look at: four digits are enough to tell trials apart. */
export function shortValue(value: Value): string {
  if (typeof value !== 'number') return printable(String(value))
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
}

/** 'hidden=256 learningRate=0.0312', to look at. */
export function assignmentText(assignment: Readonly<Record<string, Value>>): string {
  return Object.entries(assignment)
    .map(([key, value]) => `${printable(key)}=${shortValue(value)}`)
    .join(' ')
}

/** ' --set hidden=256 --set learningRate=0.031237162', to use: every digit, and safe in a shell. */
export function settingsText(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([key, value]) => ` --set ${quoted(`${key}=${value}`)}`)
    .join('')
}

/** 'without layer a and column b'; of an ablation. */
export function withoutText(without: readonly string[]): string {
  return without.length === 0 ? 'with everything' : `without ${without.map(printable).join(' and ')}`
}

/** 'accuracy 0.9812  parameters 12345': what was reported of the objectives. */
export function objectiveText(objectives: readonly Objective[], metrics: Metrics, style: Style): string {
  return objectives
    .filter(({ metric }) => Object.hasOwn(metrics, metric))
    .map(({ metric }) => `${style.dim(printable(metric))} ${measuredText(metrics, metric)}`)
    .join('  ')
}

/** '0.9812', and of what was measured over folds '0.9812 ± 0.0034'. */
export function measuredText(metrics: Metrics, name: string): string {
  const std = deviationOf(metrics, name)
  return `${formatNumber(metrics[name] as number)}${std === undefined ? '' : ` ± ${formatNumber(std)}`}`
}

/** Names of metrics without those that are the deviation of another. */
export function measuredNames(metrics: Metrics): string[] {
  return Object.keys(metrics).filter((name) => !name.endsWith('Std') || !Object.hasOwn(metrics, name.slice(0, -'Std'.length)))
}

function deviationOf(metrics: Metrics, name: string): number | undefined {
  return Object.hasOwn(metrics, `${name}Std`) ? metrics[`${name}Std`] : undefined
}

/** 'family 1/3, fold 2/5', or what comes before that: how far a search is whose trials share their work. */
export function stageText({ planning, families, family, folds, foldsDone }: SharedProgress): string {
  if (planning) return 'finding out what trials share'
  if (family === undefined) return `${families} ${families === 1 ? 'family' : 'families'}`
  return `family ${family + 1}/${families}, fold ${foldsDone}/${folds}`
}

/** 'maximize accuracy, minimize parameters'. */
export function goalText(objectives: readonly Objective[]): string {
  return objectives.map(({ metric, direction }) => `${direction} ${printable(metric)}`).join(', ')
}

/** A training file as it is typed: from here, where it is near. */
export function fileWord(file: string): string {
  const short = relative('.', file)
  return quoted(short.startsWith('..') ? file : short)
}

/** The command that goes on with a study. */
export function goOnText({ id, mode, file }: Pick<StudyRecord, 'id' | 'mode' | 'file'>, more = ''): string {
  return `${mode === 'ablation' ? 'ablate' : 'tune'} ${file === undefined ? 'FILE' : fileWord(file)} --study ${quoted(id)}${more}`
}

/** '3-9, 12, 40-41' of rising numbers. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`)).join(', ')
}
