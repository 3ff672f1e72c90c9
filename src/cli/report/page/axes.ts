/** The axes of the parallel coordinates: where a trial stands on each. */
import type { PageDimension, PageTrial } from '../pageData.ts'
import { cut, formatTick, formatValue } from './format.ts'
import { endsOf, objectiveOf, type View, valueOfTrial } from './view.ts'

export interface ParallelAxis {
  readonly name: string
  readonly title: string
  readonly ticks: readonly { readonly place: number; readonly text: string }[]
  /** Part of the height, from the top; above 1 where the dimension does not count. Undefined where the trial has no value. */
  place(trial: PageTrial): number | undefined
}

/** Below the axis. */
export const notActive = 1.07

export function dimensionAxis(dimension: PageDimension, index: number): ParallelAxis {
  const { name, text, conditional, range, log, values } = dimension
  const common = { name, title: `${name}: ${text}` }
  const none = conditional ? [{ place: notActive, text: 'off' }] : []
  if (range === undefined) {
    const all = values ?? []
    const at = (i: number) => 1 - (i + 0.5) / all.length
    // Of very many values a part is named.
    const every = Math.ceil(all.length / 12)
    const ticks = all.flatMap((value, i) => (i % every === 0 ? [{ place: at(i), text: cut(formatValue(value), 14) }] : []))
    return {
      ...{ ...common, ticks: [...ticks, ...none] },
      place({ at: assigned }) {
        const value = assigned[index]
        if (value === null || value === undefined) return notActive
        const i = all.indexOf(value)
        return i < 0 ? undefined : at(i)
      },
    }
  }
  const scale = numberScale(range, log, numberTicks(dimension, range, 6))
  return {
    ...{ ...common, ticks: [...scale.ticks.map((value) => ({ place: scale.place(value), text: formatTick(value) })), ...none] },
    place({ at: assigned }) {
      const value = assigned[index]
      return typeof value === 'number' ? scale.place(value) : notActive
    },
  }
}

/** The objective's: better is up. */
export function valueAxis(view: View, shown: readonly PageTrial[]): ParallelAxis {
  const { metric, direction } = objectiveOf(view)
  // What was pruned on its way would take most of the axis.
  const ended = shown.filter(({ state }) => state === 'finished')
  const values = (ended.length > 1 ? ended : shown).map((trial) => valueOfTrial(trial, view)).filter((value) => value !== null)
  const ends = endsOf(values, direction)
  const scale = numberScale(ends, false, d3.scaleLinear(ends, [0, 1]).ticks(6))
  const up = (place: number) => (direction === 'maximize' ? place : 1 - place)
  return {
    name: metric,
    title: `${metric}, ${direction}d: better is up`,
    ticks: scale.ticks.map((value) => ({ place: up(scale.place(value)), text: formatTick(value) })),
    place(trial) {
      const value = valueOfTrial(trial, view)
      return value === null ? undefined : up(scale.place(value))
    },
  }
}

/** From the high end at the top, 0, to the low one, 1. */
function numberScale(
  [low, high]: readonly [number, number],
  log: boolean,
  ticks: readonly number[],
): { place(value: number): number; ticks: readonly number[] } {
  const by = (value: number) => (log ? Math.log(value) : value)
  const width = by(high) - by(low) || 1
  return { ticks, place: (value) => Math.min(1, Math.max(0, (by(high) - by(value)) / width)) }
}

/** Round numbers: whole ones of whole numbers; of logarithms powers of ten, and some between where there are few. */
export function numberTicks(
  { kind, log }: Pick<PageDimension, 'kind' | 'log'>,
  range: readonly [number, number],
  count: number,
): readonly number[] {
  if (!log)
    return d3
      .scaleLinear(range, [0, 1])
      .ticks(count)
      .filter((value) => kind !== 'int' || Number.isInteger(value))
  const [low, high] = range
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = []
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const digit of digits) {
        const value = Number(`${digit}e${power}`)
        if (value >= low && value <= high) ticks.push(value)
      }
    }
    if (ticks.length <= count + 1 || digits.length === 1) return everyFew(ticks, count + 2)
  }
  return range
}

function everyFew(ticks: readonly number[], most: number): readonly number[] {
  const every = Math.ceil(ticks.length / most)
  return ticks.filter((_, i) => i % every === 0)
}
