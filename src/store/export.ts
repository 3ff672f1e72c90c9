/** Runs as text for other programs. */
import type { Store } from './store.ts'

/**
 * 'csv': the metrics of all runs, one point a line (run, name, key, step, value, time), as data frames like them.
 * 'json': a list of whole runs, with their metrics, events, logs and the records of their artifacts. Numbers that JSON has
 * not are 'NaN', 'Infinity' and '-Infinity' in both; times are ISO 8601.
 */
export async function exportRuns(store: Store, references: readonly string[], format: 'csv' | 'json'): Promise<string> {
  const runs = await Promise.all(references.map((reference) => store.run(reference)))
  if (format === 'csv') {
    const lines = ['run,name,key,step,value,time']
    for (const { id, name } of runs) {
      for (const { key, step, value, time } of await store.metrics(id))
        lines.push([id, name, key, step, value, isoTime(time)].map(field).join(','))
    }
    return `${lines.join('\n')}\n`
  }
  const whole = runs.map(async (run) => ({
    ...run,
    created: isoTime(run.created),
    ...(run.ended === undefined ? {} : { ended: isoTime(run.ended) }),
    points: timed(await store.metrics(run.id)),
    events: timed(await store.events(run.id)),
    logs: timed(await store.logs(run.id)),
    artifacts: timed(await store.artifacts(run.id)),
  }))
  const plain = (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value)
  return `${JSON.stringify(await Promise.all(whole), plain, 2)}\n`
}

const isoTime = (time: number) => new Date(time).toISOString()
const timed = <T extends { time: number }>(entries: readonly T[]) => entries.map((entry) => ({ ...entry, time: isoTime(entry.time) }))

/** RFC 4180. */
function field(value: string | number): string {
  const text = `${value}`
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
