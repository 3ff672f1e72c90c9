/** Runs as people read them. */
import { relative } from 'node:path'
import { formatBytes, formatDuration } from '../../core/bytes.ts'
import type { ArtifactRecord, Json, LogLine, MetricPoint, RunComparison, RunRecord, RunStatus } from '../../store/index.ts'
import { formatNumber } from './numbers.ts'
import { sparkline } from './sparkline.ts'
import { type Style, styleOf } from './style.ts'
import { cut, table } from './table.ts'

export interface Look {
  readonly columns: number
  readonly color: boolean
  readonly now: number
}

export interface RunDetails {
  readonly run: RunRecord
  readonly points: readonly MetricPoint[]
  readonly logs: readonly LogLine[]
  readonly artifacts: readonly ArtifactRecord[]
}

/** A run for programs: times in ISO 8601. */
export function runJson({ created, ended, ...run }: RunRecord) {
  return { ...run, created: new Date(created).toISOString(), ...(ended !== undefined && { ended: new Date(ended).toISOString() }) }
}

export function listText(runs: readonly RunRecord[], { columns, color, now }: Look): string {
  if (runs.length === 0) return 'No runs.\n'
  const style = styleOf(color)
  const width = Math.max(...runs.map(({ id }) => id.length), 3)
  const rows = runs.map((run) => [run.id, statusText(run.status, style), agoText(now - run.created), tookText(run, now), metricsText(run)])
  const fixed = width + 11 + 2 * 4 + 2 * 10
  const fitted = rows.map((row) => [...row.slice(0, 4), cut(row[4] as string, Math.max(16, columns - fixed))])
  return table([['run', 'status', 'began', 'took', 'metrics'].map(style.dim), ...fitted])
}

export function showText({ run, points, logs, artifacts }: RunDetails, { columns, color, now }: Look): string {
  const style = styleOf(color)
  const { bold, dim, red } = style
  const parts: string[] = [`${bold(run.id)}  ${statusText(run.status, style)}\n`]
  const git = run.facts?.git as { commit?: string; dirty?: boolean } | undefined
  const facts: [string, string | undefined][] = [
    ['began', `${new Date(run.created).toISOString().replace('T', ' ').slice(0, 19)} UTC, ${agoText(now - run.created)}`],
    ['took', tookText(run, now)],
    ['file', run.file && nearPath(run.file)],
    ['seed', String(run.seed)],
    ['config', pairs(run.config)],
    ['commit', git?.commit && `${git.commit.slice(0, 10)}${git.dirty ? ' with uncommitted changes' : ''}`],
    ['machine', [run.facts?.cpu, run.facts?.os].filter((fact) => fact !== undefined).join(', ') || undefined],
    ['owner', run.owner],
    ['error', run.error && red(run.error.message)],
  ]
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '')
  parts.push(table(known.map(([name, text]) => [dim(name), text])))
  if (points.length > 0 || Object.keys(run.metrics).length > 0) parts.push(metricsTable(run, points, columns, dim))
  if (artifacts.length > 0) {
    const rows = artifacts.map(({ name, kind, bytes, step }) => [name, kind, formatBytes(bytes), step === undefined ? '' : `step ${step}`])
    parts.push(table([['artifact', 'kind', 'size', ''].map(dim), ...rows], [2]))
  }
  if (logs.length > 0) {
    const last = logs.slice(-10)
    const rest = logs.length - last.length
    parts.push(
      `${rest > 0 ? dim(`... ${rest} more lines of log\n`) : ''}${last.map(({ level, text }) => `${level === 'info' ? '' : `${level}: `}${text}\n`).join('')}`,
    )
  }
  return parts.join('\n')
}

function metricsTable(run: RunRecord, points: readonly MetricPoint[], columns: number, dim: Style['dim']): string {
  const curves = new Map<string, number[]>(Object.entries(run.metrics).map(([key, value]) => [key, [value]]))
  for (const [key, of] of Map.groupBy(points, ({ key }) => key))
    curves.set(
      key,
      of.map(({ value }) => value),
    )
  const width = Math.max(...[...curves.keys()].map((key) => key.length))
  const rows = [...curves].map(([key, values]) => {
    const finite = values.filter(Number.isFinite)
    const range = [Math.min(...finite), Math.max(...finite)].map((value) => (finite.length > 0 ? formatNumber(value) : ''))
    return [
      key,
      formatNumber(run.metrics[key] ?? (values.at(-1) as number)),
      ...range,
      sparkline(values, Math.min(40, Math.max(8, columns - width - 38))),
    ]
  })
  return table([['metric', 'last', 'least', 'most', ''].map(dim), ...rows], [1, 2, 3])
}

export function comparisonText({ runs, config, metrics }: RunComparison, { columns, color }: Look): string {
  const style = styleOf(color)
  const { dim, bold } = style
  const show = (value: Json | undefined) =>
    value === undefined ? '-' : typeof value === 'number' ? formatNumber(value) : typeof value === 'string' ? value : JSON.stringify(value)
  // As many runs side by side as fit; the others follow below.
  const label = Math.max(6, ...[...config, ...metrics].map(({ key }) => key.length))
  const cell = Math.max(...runs.map(({ id }) => id.length), 11)
  const fit = Math.max(1, Math.floor((columns - label) / (cell + 2)))
  const blocks: string[] = []
  for (let from = 0; from < runs.length; from += fit) {
    const some = <T>(values: readonly T[]) => values.slice(from, from + fit)
    const rows = [
      ['', ...some(runs).map(({ id }) => bold(id))],
      [dim('status'), ...some(runs).map(({ status }) => statusText(status, style))],
      ...config.map(({ key, values }) => [dim(key), ...some(values).map((value) => cut(show(value), cell))]),
      ...metrics.map(({ key, values }) => [dim(key), ...some(values).map(show)]),
    ]
    blocks.push(
      table(
        rows,
        some(runs).map((_, i) => i + 1),
      ),
    )
  }
  const same = config.length === 0 ? dim('The configs are the same.\n') : ''
  return `${blocks.join('\n')}${same}`
}

function statusText(status: RunStatus, { green, red, yellow, cyan }: Style): string {
  const paint = { finished: green, failed: red, lost: red, interrupted: yellow, running: cyan }
  return paint[status](status)
}

function metricsText({ metrics, error }: RunRecord): string {
  return error ? error.message : pairs(Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, formatNumber(value)])))
}

function pairs(values: Readonly<Record<string, Json | undefined>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ')
}

function tookText({ created, ended }: RunRecord, now: number): string {
  return formatDuration((ended ?? now) - created)
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

function nearPath(path: string): string {
  const short = relative('.', path)
  return short.startsWith('..') ? path : short
}
