/** What the page shows just now: one place that charts read, and that tells them when it changed. */
import type { PageData, PageObjective, PageTrial } from '../pageData.ts'

export interface View {
  readonly data: PageData
  /** Which objective charts are about. */
  objective: number
  /** States whose trials are not shown. */
  readonly hidden: Set<string>
  /** Numbers of the trials between all brushes of the parallel coordinates; undefined without brushes. */
  brushed: ReadonlySet<number> | undefined
  /** The trial that was clicked. */
  picked: number | undefined
  dark: boolean
}

export type State = PageTrial['state']

/** In the order of legends. Each has a shape of its own, so that no one needs to tell colours apart. */
export const states = ['finished', 'pruned', 'failed', 'lost', 'preempted', 'running', 'waiting'] as const satisfies readonly State[]

export const symbolOf: Readonly<Record<State, 'circle' | 'times' | 'triangle' | 'square' | 'diamond' | 'plus' | 'asterisk'>> = {
  finished: 'circle',
  pruned: 'times',
  failed: 'triangle',
  lost: 'square',
  preempted: 'diamond',
  running: 'plus',
  waiting: 'asterisk',
}

/** Of states, and of how attempts end. */
export function colorOf(state: string | null): string {
  const known = [...states, 'paused'].includes(state ?? 'running') ? (state ?? 'running') : 'waiting'
  return `var(--${known})`
}

export function objectiveOf({ data, objective }: View): PageObjective {
  return data.objectives[objective] as PageObjective
}

export function valueOfTrial(trial: PageTrial, { objective }: View): number | null {
  return trial.values[objective] ?? null
}

export function isShown({ state }: PageTrial, { hidden }: View): boolean {
  return !hidden.has(state)
}

/** Positive where a is better than b. */
export function betterBy(a: number, b: number, { direction }: PageObjective): number {
  return direction === 'maximize' ? a - b : b - a
}

/**
 * Ends for an axis. A few values that are far out on the worse side (a loss that exploded) would leave nothing to see of the
 * others: the axis ends before them, and they stand on its edge. Near the best, it ends at their median.
 */
export function endsOf(values: readonly number[], direction: PageObjective['direction'] | undefined, near = false): [number, number] {
  if (values.length === 0) return [0, 1]
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))] as number
  const spread = at(0.75) - at(0.25)
  let [low, high] = [at(0), at(1)]
  if (spread > 0 && direction !== 'maximize') high = Math.min(high, at(0.75) + 6 * spread)
  if (spread > 0 && direction !== 'minimize') low = Math.max(low, at(0.25) - 6 * spread)
  if (near && direction === 'minimize') high = at(0.5)
  if (near && direction === 'maximize') low = at(0.5)
  if (low === high) return [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1]
  const room = 0.04 * (high - low)
  return [low - room, high + room]
}

/** At most so many of a list, evenly. The picked and the best are always among them. */
export function thinned(trials: readonly PageTrial[], most: number, { data, picked }: View): readonly PageTrial[] {
  if (trials.length <= most) return trials
  const every = trials.length / most
  const special = new Set([picked, ...data.front, ...data.objectives.map(({ best }) => best)])
  return trials.filter(({ number }, i) => Math.floor((i + 1) / every) > Math.floor(i / every) || special.has(number))
}

/** Finished ones last, so that they are drawn on top. */
export function finishedLast(trials: readonly PageTrial[]): readonly PageTrial[] {
  const last = trials.filter(({ state }) => state === 'finished')
  return [...trials.filter(({ state }) => state !== 'finished'), ...last]
}

/** A number from 0 to 1 that is always the same for a trial: to tell dots apart that would lie on each other. */
export function jitter(number: number): number {
  return ((Math.imul(number + 1, 2654435761) >>> 8) % 1000) / 1000
}

/** The least and the most of a list; it may be long. */
export function rangeOf(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : [0, 1]
}
