/** What features are worth, as a picture: a bar for each, the longest first. */
import { fail } from '../../core/errors.ts'
import { at, colourOf, escaped } from './svg.ts'
import { cutInside, lettersOf, short } from './words.ts'

export interface ImportancesSvgOptions {
  /** Default 'What each feature is worth'. */
  readonly title?: string
  /** Bars that are drawn at most; default 30. The rest is told in one line. */
  readonly most?: number
}

/**
 * A self-contained SVG: horizontal bars, sorted, with a whisker of one standard deviation to both sides where deviations are given.
 * Colours are readable on light and dark ground.
 *
 * @throws BAD_OPTION where there are not as many numbers as names, or some are not finite
 * @example `importancesSvg(['age', 'hours'], [0.8, 0.2], [0.05, 0.02])`
 */
export function importancesSvg(
  names: readonly string[],
  mean: ArrayLike<number>,
  std?: ArrayLike<number>,
  options: ImportancesSvgOptions = {},
): string {
  const { title = 'What each feature is worth', most = 30 } = options
  check(names, mean, std, most)
  const all = names.map((name, k) => ({ name, mean: mean[k] as number, std: std?.[k] ?? 0 })).sort((a, b) => b.mean - a.mean)
  const rows = all.slice(0, most)
  const rest = all.slice(most)
  const left = Math.min(300, Math.max(90, ...rows.map(({ name }) => lettersOf(name) * 6.7 + 28)))
  const right = width - 64
  const bottom = top + rows.length * step
  const ends = rows.flatMap(({ mean, std }) => [mean - std, mean + std])
  const low = Math.min(0, ...ends)
  // What is smaller than any real worth is drawn as none.
  const high = Math.max(0, ...ends) - low > 1e-300 ? Math.max(0, ...ends) : low + 1
  const { ticks, digits } = ticksOf(low, high)
  const x = (value: number) => left + ((value - low) / (high - low)) * (right - left)
  const grid = ticks.map((tick) => {
    const zero = Math.abs(tick) < (high - low) * 1e-9
    return `<line x1="${at(x(tick))}" y1="${top - 6}" x2="${at(x(tick))}" y2="${bottom}" class="${zero ? 'zero' : 'grid'}"/><text x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${zero ? '0' : tick.toFixed(digits).replace('-', '−')}</text>`
  })
  const note = rest.length === 0 ? [] : [`<text x="16" y="${bottom + 42}">${escaped(restOf(rest))}</text>`]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + (rest.length > 0 ? 56 : 32)}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<style>text{fill:#7b8494}.name{fill:#4b83c4}.title{font-size:15px;font-weight:600}.grid{stroke:#9ca3af;stroke-opacity:.3}.zero{stroke:#6b7280}.whisker{stroke:#8a8f98;stroke-width:1.5}.bar{fill:${colourOf(2)}}.bar.harm{fill:${colourOf(3)}}</style>`,
    `<text class="title" x="16" y="26">${escaped(title)}</text>`,
    ...grid,
    ...rows.map((row, i) => drawRow(row, top + i * step, left, x, std !== undefined)),
    ...note,
    '</svg>',
  ].join('\n')
}

const width = 760
const top = 48
const step = 20

interface Row {
  readonly name: string
  readonly mean: number
  readonly std: number
}

function drawRow({ name, mean, std }: Row, y: number, left: number, x: (value: number) => number, deviates: boolean): string {
  const middle = y + step / 2
  const [from, to] = [Math.min(x(0), x(mean)), Math.max(x(0), x(mean))]
  const words = `${name}: ${short(mean)}${deviates ? ` ± ${short(std)}` : ''}`
  const whisker =
    std > 0
      ? `<path class="whisker" d="M${at(x(mean - std))} ${at(middle)}H${at(x(mean + std))}M${at(x(mean - std))} ${at(middle - 3)}v6M${at(x(mean + std))} ${at(middle - 3)}v6"/>`
      : ''
  const end = Math.max(to, x(mean + std)) + 6
  return [
    `<g><title>${escaped(words)}</title>`,
    `<text class="name" x="${at(left - 10)}" y="${at(middle + 4)}" text-anchor="end">${escaped(cutInside(name, Math.floor((left - 28) / 6.7)))}</text>`,
    `<rect class="bar${mean < 0 ? ' harm' : ''}" x="${at(from)}" y="${at(middle - 6)}" width="${at(to - from)}" height="12" rx="2"/>`,
    whisker,
    `<text x="${at(end)}" y="${at(middle + 4)}">${String(Number(mean.toPrecision(3))).replace('-', '−')}</text>`,
    '</g>',
  ].join('')
}

function restOf(rest: readonly Row[]): string {
  const sum = rest.reduce((sum, { mean }) => sum + mean, 0)
  return rest.length === 1 ? `and ${rest[0]?.name}, worth ${short(sum)}` : `and ${rest.length} more, worth ${short(sum)} together`
}

function check(names: readonly string[], mean: ArrayLike<number>, std: ArrayLike<number> | undefined, most: number): void {
  const bad = (option: string, got: unknown, want: string) => fail('BAD_OPTION', 'importancesSvg', option, got, want)
  if (names.length === 0) throw bad('names', 'empty', 'at least one name')
  if (!(Number.isInteger(most) && most >= 1)) throw bad('most', most, 'a whole number from 1 on')
  for (const [option, values] of [
    ['mean', mean],
    ['std', std],
  ] as const) {
    if (!values) continue
    if (values.length !== names.length) throw bad(option, `${values.length} numbers`, `${names.length} numbers, one for each name`)
    for (let k = 0; k < values.length; k++)
      if (!Number.isFinite(values[k])) throw bad(option, `${values[k]} for '${names[k]}'`, 'finite numbers')
  }
}

/** Round numbers from the least to the greatest, zero among them, and how many digits they need. */
function ticksOf(low: number, high: number): { ticks: number[]; digits: number } {
  const raw = (high - low) / 6
  const power = 10 ** Math.floor(Math.log10(raw))
  const between = ([1, 2, 5].find((one) => one * power >= raw) ?? 10) * power
  const first = Math.ceil(low / between - 1e-9)
  const last = Math.floor(high / between + 1e-9)
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * between)
  return { ticks, digits: Math.min(12, Math.max(0, -Math.floor(Math.log10(between) + 1e-9))) }
}
