/** Runs side by side. */
import { toText } from './json.ts'
import type { Json, Metrics, RunRecord, Store } from './store.ts'

export interface RunComparison {
  readonly runs: readonly RunRecord[]
  /** Settings that are not the same in all runs, nested ones by their path ('optimizer.kind'), one value for each run. */
  readonly config: readonly { readonly key: string; readonly values: readonly (Json | undefined)[] }[]
  /** All metrics, one value for each run. */
  readonly metrics: readonly { readonly key: string; readonly values: readonly (number | undefined)[] }[]
}

/** What differs between runs in their configuration, seed included, and in their outcome. */
export async function compareRuns(store: Store, references: readonly string[]): Promise<RunComparison> {
  const runs = await Promise.all(references.map((reference) => store.run(reference)))
  const config = sideBySide(runs.map(({ seed, config }) => flatten({ seed, ...config })))
  const metrics = sideBySide(await Promise.all(runs.map((run) => outcomeOf(store, run))))
  return { runs, config: config.filter(({ values }) => new Set(values.map(toTextOrNothing)).size > 1), metrics }
}

/** The metrics a run ended with; of a run that did not, the last of each. */
export async function outcomeOf(store: Store, run: RunRecord): Promise<Metrics> {
  if (Object.keys(run.metrics).length > 0) return run.metrics
  return Object.fromEntries((await store.metrics(run.id)).map(({ key, value }) => [key, value]))
}

/** `{ a: { b: 1 } }` to `{ 'a.b': 1 }`; lists stay whole. */
export function flatten(config: object, prefix = ''): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[`${prefix}${key}`, value]],
    ),
  )
}

function sideBySide<T>(columns: readonly Readonly<Record<string, T>>[]): { key: string; values: (T | undefined)[] }[] {
  const keys = [...new Set(columns.flatMap(Object.keys))]
  return keys.map((key) => ({ key, values: columns.map((column) => (Object.hasOwn(column, key) ? column[key] : undefined)) }))
}

function toTextOrNothing(value: unknown): string | undefined {
  return value === undefined ? undefined : toText(value)
}
