/** Values as people read them. */
import type { PageData, PageTrial } from '../pageData.ts'

/** 0.9712, 12.35, 1,234, 3.2e-5: four digits that say something. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value !== 'number') return String(value)
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e7) return value.toLocaleString('en-US')
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  if (size >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(4)))
}

/** '0.9712', and of what was measured over folds '0.9712 ± 0.0034'. */
export function valueText({ values, spread }: PageTrial, objective: number): string {
  const deviation = spread?.[objective]
  return `${formatValue(values[objective])}${deviation === null || deviation === undefined ? '' : ` ± ${formatValue(Number(deviation.toPrecision(2)))}`}`
}

/** Ticks: 10k, 0.001, 1e-5. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e4 && size < 1e15) {
    const [unit, word] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : [1e3, 'k']
    return `${Number((value / (unit as number)).toPrecision(4))}${word}`
  }
  if (value === 0) return '0'
  return size < 1e-3 || size >= 1e15
    ? value
        .toExponential(2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e')
    : String(Number(value.toPrecision(6)))
}

export function formatPercent(part: number): string {
  const percent = 100 * part
  return `${percent >= 9.95 || percent <= 0 ? Math.round(percent) : percent < 0.1 ? '< 0.1' : percent.toFixed(1)} %`
}

/** Milliseconds to '0.82 s', '12 s', '3:05', '1:02:33', '2 d 03:10'. */
export function formatSpan(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return `${Number(seconds.toPrecision(2))} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60]
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}`
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

const spans = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]

/** About so many round spans of milliseconds between two. */
export function spanTicks(low: number, high: number, count: number): number[] {
  const least = (high - low) / 1000 / Math.max(1, count)
  // Below a second and above days in tens.
  const power = 10 ** Math.ceil(Math.log10(Math.max(least, 1e-6) / (least > 86400 ? 86400 : 1)))
  const step = 1000 * (least <= 0.5 ? power : (spans.find((span) => span >= least) ?? 86400 * power))
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step)
}

export function formatTime(time: number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return '–'
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

export function formatCounted(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
}

/** Long names end in dots. */
export function cut(text: string, most: number): string {
  const letters = [...text]
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text
}

/** What a worker had a trial for, in all. */
export function durationOf({ attempts }: PageTrial, { facts }: PageData): number {
  return attempts.reduce((sum, [, begin, end]) => sum + (end ?? facts.made - facts.created) - begin, 0)
}

/** The lines of a tip. */
export function tipOf(trial: PageTrial, { objectives, dimensions }: PageData): string {
  return [
    `trial ${trial.number} · ${trial.state}`,
    ...objectives.map(({ metric }, i) => `${cut(metric, 40)}: ${formatValue(trial.values[i])}`),
    ...dimensions.flatMap(({ name }, i) => (trial.at[i] === null ? [] : [`${cut(name, 30)}: ${cut(formatValue(trial.at[i]), 40)}`])),
    ...(trial.without?.length ? [`without ${cut(trial.without.join(', '), 60)}`] : []),
    ...(trial.error !== undefined ? [cut(trial.error, 120)] : []),
  ].join('\n')
}

/** The line that trains this trial's config again. */
export function commandOf(trial: PageTrial, { facts, dimensions }: PageData): string {
  const chosen = dimensions.flatMap(({ name }, i) => (trial.at[i] === null ? [] : [[name, trial.at[i]] as const]))
  const settings = [...facts.fixed.filter(([name]) => !chosen.some(([own]) => own === name)), ...chosen]
  return [
    ...[facts.program, 'train', facts.file === undefined ? 'FILE' : word(facts.file)],
    ...settings.map(([name, value]) => `--set ${word(`${name}=${value}`)}`),
    ...(trial.seed === 0 ? [] : ['--seed', trial.seed]),
  ].join(' ')
}

/** A word for a shell. */
function word(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
