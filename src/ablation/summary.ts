/** What an ablation found: how much worse it gets without each component, and how sure that is. */
import { studentQuantile } from './student.ts'

/** One trial as it ended; a record of a study is one. */
export interface AblationTrial {
  /** Nothing, or none: a base trial. */
  readonly without?: readonly string[]
  readonly seed: number
  /** 'finished'; 'waiting', 'running' and 'preempted' are still open; all others have failed. */
  readonly state: string
  readonly metrics: Readonly<Record<string, number>>
  readonly error?: { readonly message: string }
}

export interface AblationObjective {
  readonly metric: string
  readonly direction: 'maximize' | 'minimize'
}

/** A mean over seeds. */
export interface Estimate {
  readonly mean: number
  /** Over how many seeds. */
  readonly seeds: number
  /** Where the true mean lies with 95 % confidence; undefined for a single seed. */
  readonly interval?: readonly [low: number, high: number]
  /** Whether the interval excludes zero. */
  readonly sure: boolean
}

export interface AblationRow {
  /** One component, or the two of a pair. */
  readonly without: readonly string[]
  /** Mean of the objective without it, over the seeds that finished. */
  readonly mean?: number
  /** How much worse the objective is without it than the base with the same seed: above zero, it is worth having. */
  readonly effect?: Estimate
  /** Of a pair: its effect less the effects of each alone. Above zero, each makes up for the other in part when it alone is gone. */
  readonly interaction?: Estimate
  readonly values: readonly { readonly seed: number; readonly value: number }[]
  readonly failed: readonly { readonly seed: number; readonly reason: string }[]
  /** Seeds whose trial has not ended. */
  readonly open: readonly number[]
  /** Seeds that finished, but whose base trial did not, so that there is nothing to compare with. */
  readonly unpaired: readonly number[]
}

export interface AblationTable {
  readonly objective: AblationObjective
  readonly base: Omit<AblationRow, 'without' | 'effect' | 'interaction' | 'unpaired'>
  /** The largest effect first; those of which nothing is known last. */
  readonly rows: readonly AblationRow[]
}

/**
 * Effects of components over seeds: differences to the base trial of the same seed, which share its data order and first weights,
 * so that most of what a seed does cancels out. The interval is that of Student's t for the mean of those differences
 * (W. Gosset: The probable error of a mean, 1908), each taken for itself: of twenty intervals, one is expected to miss.
 *
 * @example `summarize(trials, { metric: 'accuracy', direction: 'maximize' }).rows[0]?.without`
 */
export function summarize(trials: readonly AblationTrial[], { metric, direction }: AblationObjective): AblationTable {
  const groups = new Map<string, { without: readonly string[]; trials: AblationTrial[] }>()
  for (const trial of trials) {
    const without = trial.without ?? []
    const key = keyOf(without)
    const group = groups.get(key) ?? { without, trials: [] }
    group.trials.push(trial)
    groups.set(key, group)
  }
  const told = new Map([...groups].map(([key, group]) => [key, { without: group.without, ...outcomes(group.trials, metric) }]))
  const base = told.get(keyOf([])) ?? { without: [], ...outcomes([], metric) }
  const sign = direction === 'maximize' ? -1 : 1
  const effects = (without: readonly string[]) => {
    const found = told.get(keyOf(without))?.values ?? []
    return new Map(
      found.flatMap(({ seed, value }) => base.values.flatMap((one) => (one.seed === seed ? [[seed, sign * (value - one.value)]] : []))),
    )
  }
  const rows = [...told.values()].flatMap((group): AblationRow[] => {
    if (group.without.length === 0) return []
    const own = effects(group.without)
    const alone = group.without.length === 2 ? group.without.map((one) => effects([one])) : []
    const beyond = [...own].flatMap(([seed, effect]) => {
      const parts = alone.flatMap((one) => one.get(seed) ?? [])
      return parts.length === 2 ? [effect - (parts[0] as number) - (parts[1] as number)] : []
    })
    const unpaired = group.values.map(({ seed }) => seed).filter((seed) => !own.has(seed))
    const [effect, interaction] = [estimate([...own.values()]), estimate(beyond)]
    return [{ ...group, ...(effect && { effect }), ...(interaction && { interaction }), unpaired }]
  })
  const { without: _, ...rest } = base
  return { objective: { metric, direction }, base: rest, rows: rows.sort(byEffect) }
}

/** Mean, and its 95 % interval by Student's t; undefined of nothing. */
export function estimate(values: readonly number[]): Estimate | undefined {
  const seeds = values.length
  if (seeds === 0) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / seeds
  if (seeds === 1) return { mean, seeds, sure: false }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1)
  const half = studentQuantile(0.975, seeds - 1) * Math.sqrt(variance / seeds)
  return { mean, seeds, interval: [mean - half, mean + half], sure: Math.abs(mean) > half }
}

type Outcomes = Pick<AblationRow, 'mean' | 'values' | 'failed' | 'open'>

/** One outcome a seed: of several trials with the same seed, a finished one, the latest. */
function outcomes(trials: readonly AblationTrial[], metric: string): Outcomes {
  const values = new Map<number, number>()
  const failed = new Map<number, string>()
  const open = new Set<number>()
  for (const trial of trials) {
    const value = trial.metrics[metric]
    if (['waiting', 'running', 'preempted'].includes(trial.state)) open.add(trial.seed)
    else if (trial.state !== 'finished') failed.set(trial.seed, trial.error?.message ?? `it was ${trial.state}`)
    else if (value === undefined) failed.set(trial.seed, `it reported no '${metric}'`)
    else if (!Number.isFinite(value)) failed.set(trial.seed, `its ${metric} is ${value}`)
    else values.set(trial.seed, value)
  }
  const bySeed = <T>(pairs: Iterable<readonly [number, T]>) => [...pairs].sort(([a], [b]) => a - b)
  const finished = bySeed(values).map(([seed, value]) => ({ seed, value }))
  const mean = finished.reduce((sum, { value }) => sum + value, 0) / finished.length
  return {
    ...(finished.length > 0 && { mean }),
    values: finished,
    failed: bySeed(failed).flatMap(([seed, reason]) => (values.has(seed) ? [] : [{ seed, reason }])),
    open: [...open].filter((seed) => !values.has(seed) && !failed.has(seed)).sort((a, b) => a - b),
  }
}

function byEffect(a: AblationRow, b: AblationRow): number {
  const [x, y] = [a.effect?.mean ?? Number.NEGATIVE_INFINITY, b.effect?.mean ?? Number.NEGATIVE_INFINITY]
  return x === y ? keyOf(a.without).localeCompare(keyOf(b.without), 'en') : y - x
}

/** The two of a pair in either order are the same. */
function keyOf(without: readonly string[]): string {
  return [...without].sort().join('\n')
}
