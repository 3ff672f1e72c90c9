/** The table of an ablation as a picture: a dot for each effect, a line for its interval, on one axis through zero. */
import type { AblationRow, AblationTable, Estimate } from './summary.ts'

export interface AblationSvgOptions {
  /** Default: what is measured. */
  readonly title?: string
}

/**
 * A self-contained SVG, as wide as `viewBox` says and scaled by its container. Dots are filled where the interval excludes zero;
 * right of zero the objective gets worse without the component. Colors are readable on light and dark ground.
 */
export function ablationSvg(table: AblationTable, options: AblationSvgOptions = {}): string {
  const { metric, direction } = table.objective
  const title = options.title ?? `What each component is worth: ${metric} (${direction})`
  const rows = table.rows.flatMap((row) => (row.effect ? [{ row, effect: row.effect }] : []))
  const label = Math.min(320, Math.max(120, ...rows.map(({ row }) => 7 * [...nameOf(row)].length + 16)))
  const place = { left: label, right: width - 24, top: 64, step: 24 }
  const bottom = place.top + rows.length * place.step
  const ticks = ticksOf(rows.flatMap(({ effect }) => [effect.mean, ...(effect.interval ?? [])]))
  const [low, high] = [ticks[0] as number, ticks.at(-1) as number]
  const x = (value: number) => place.left + ((value - low) / (high - low)) * (place.right - place.left)
  const digits = Math.max(0, -Math.floor(Math.log10(ticks[1]! - low) + 1e-9))
  const grid = ticks.map((tick) => {
    const zero = Math.abs(tick) < (high - low) * 1e-9
    const line = `<line x1="${at(x(tick))}" y1="${place.top - 8}" x2="${at(x(tick))}" y2="${at(bottom)}" class="${zero ? 'zero' : 'grid'}"/>`
    const words = zero ? '0' : `${tick > 0 ? '+' : '−'}${Math.abs(tick).toFixed(digits)}`
    return `${line}<text x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${words}</text>`
  })
  const drawn = rows.map(({ row, effect }, i) => drawRow(row, effect, place.top + i * place.step + place.step / 2, place.left, x))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 48}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<style>text{fill:#6b7280}.name{fill:#4b83c4}.title{font-size:15px;font-weight:600}.grid{stroke:#9ca3af;stroke-opacity:.3}.zero{stroke:#6b7280}.worth{stroke:#0f9d74;fill:#0f9d74}.harm{stroke:#d1495b;fill:#d1495b}.unsure{stroke:#8a8f98;fill:none}.range{stroke-width:2}</style>`,
    `<text class="title" x="16" y="26">${escaped(title)}</text>`,
    `<text x="16" y="44">${escaped(subtitle(table))}</text>`,
    ...grid,
    ...drawn,
    `<text x="${at((place.left + place.right) / 2)}" y="${bottom + 38}" text-anchor="middle">${escaped(`how much worse ${metric} gets without it`)}</text>`,
    '</svg>',
  ].join('\n')
}

const width = 760

function drawRow(row: AblationRow, effect: Estimate, y: number, left: number, x: (value: number) => number): string {
  const kind = !effect.sure ? 'unsure' : effect.mean > 0 ? 'worth' : 'harm'
  const range = effect.interval
    ? `<line class="range ${kind}" x1="${at(x(effect.interval[0]))}" y1="${y}" x2="${at(x(effect.interval[1]))}" y2="${y}"/>`
    : ''
  const shown = [...nameOf(row)].length > 44 ? `${[...nameOf(row)].slice(0, 43).join('')}…` : nameOf(row)
  const name = `<text class="name" x="${left - 12}" y="${y + 4}" text-anchor="end">${escaped(shown)}</text>`
  return `<g><title>${escaped(inWords(row, effect))}</title>${name}${range}<circle class="${kind}" cx="${at(x(effect.mean))}" cy="${y}" r="4.5" stroke-width="2"/></g>`
}

function nameOf({ without }: AblationRow): string {
  return without.join(' & ')
}

function inWords(row: AblationRow, { mean, interval, seeds }: Estimate): string {
  const range = interval ? `, 95 % interval ${short(interval[0])} to ${short(interval[1])}` : ''
  return `${nameOf(row)}: ${short(mean)}${range}, ${seeds} seed${seeds === 1 ? '' : 's'}`
}

function subtitle({ base, rows }: AblationTable): string {
  const seeds = base.values.length
  const whole =
    base.mean === undefined ? 'no base trial finished' : `with everything ${short(base.mean)}, ${seeds} seed${seeds === 1 ? '' : 's'}`
  return rows.some(({ effect }) => effect?.interval) ? `${whole}; lines are 95 % intervals, filled dots exclude zero` : whole
}

/** Round numbers round all values and zero, from below the least to above the greatest. */
function ticksOf(values: readonly number[]): number[] {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  // What is smaller than any real effect is drawn as none.
  const raw = (high - low > 1e-300 ? high - low : 1) / 6
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5].find((one) => one * power >= raw) ?? 10) * power
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function at(value: number): string {
  return value.toFixed(1)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
