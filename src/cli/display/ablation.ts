/** What an ablation found, as text: a table sorted by effect, with each effect and its interval drawn on one axis. */
import type { AblationRow, AblationTable, Component, Estimate } from '../../ablation/index.ts'
import { formatNumber } from './numbers.ts'
import { type Style, styleOf, widthOf } from './style.ts'
import { cut, table } from './table.ts'

export interface AblationLook {
  readonly columns: number
  readonly color: boolean
}

/**
 * The table: the objective without each component, what it is worth (how much worse the objective gets without it), the 95 %
 * interval over seeds, a star where that excludes zero, and the plot where the terminal has room. Then what pairs do beyond the
 * sum of each alone, and every trial that failed, with its reason.
 */
export function ablationText(found: AblationTable, { columns, color }: AblationLook): string {
  const style = styleOf(color)
  const { metric, direction } = found.objective
  const parts = [
    `${baseLine(found, style)}\n`,
    effectTable(found, columns, style),
    pairTable(found, columns, style),
    troubleLines(found, style),
    notes(found, style),
  ]
  const head = `${style.bold(metric)} ${style.dim(`(${direction})`)}  `
  return `${head}${parts.filter((part) => part !== '').join('\n')}`
}

/** What a training has that can be taken away, one a line, with the reason where it cannot. */
export function componentsText(components: readonly Component[], { columns, color }: AblationLook): string {
  const { dim, yellow } = styleOf(color)
  const rows = components.map(({ id, about, refused, note }) => [id, about, refused ? `no: ${refused}` : (note ?? '')])
  const widths = [0, 1].map((c) => Math.max(0, ...rows.map((row) => widthOf(row[c] as string))))
  const room = Math.max(20, columns - (widths[0] as number) - (widths[1] as number) - 4)
  return table(
    rows.map(([id = '', about = '', why = '']) => [id, dim(about), why.startsWith('no: ') ? yellow(cut(why, room)) : dim(cut(why, room))]),
  )
}

/** Columns of the plot. */
const least = 16
const most = 48

function baseLine({ base }: AblationTable, { dim, red }: Style): string {
  if (base.mean === undefined) return red('no base trial finished, so there is nothing to compare with')
  return `${formatNumber(base.mean)} with everything ${dim(`(${count(base.values.length, 'seed')})`)}`
}

function effectTable({ objective, rows }: AblationTable, columns: number, style: Style): string {
  if (rows.length === 0) return ''
  const intervals = rows.some(({ effect }) => effect?.interval)
  const signed = signedLike(rows.flatMap(({ effect }) => (effect ? [effect.mean, ...(effect.interval ?? [])] : [])))
  const longest = Math.min(40, Math.max(...rows.map((row) => widthOf(nameOf(row)))))
  const numbers = (intervals ? 34 : 12) + least + 1
  // Names before means, where there is no room for both beside the plot: the worth says as much.
  const means = columns < numbers + longest + 2 + Math.max(6, objective.metric.length) ? [] : [objective.metric]
  const names = Math.max(24, Math.min(longest, columns - numbers - 2 * means.length - means.join('').length))
  const cells = rows.map((row) => [
    cut(nameOf(row), names),
    ...means.map(() => (row.mean === undefined ? '' : formatNumber(row.mean))),
    painted(row.effect, row.effect ? signed(row.effect.mean) : told(row), style),
    ...(intervals ? [intervalOf(row.effect, signed), row.effect?.sure ? style.bold('*') : ''] : []),
  ])
  const head = ['without', ...means, 'worth', ...(intervals ? ['95 % interval', ''] : [])]
  const right = means.length > 0 ? [1, 2] : [1]
  // With a dot where the plot begins: what stands before it, gaps of empty cells included.
  const dotted = [head, ...cells].map((row) => [...row, '●'])
  const taken = Math.max(...table(dotted, right).split('\n').map(widthOf))
  const plot = Math.min(most, columns - taken)
  const axis = plot >= least ? axisOf(rows) : undefined
  if (!axis) return table([head.map(style.dim), ...cells], right)
  const plotted = rows.map(({ effect }) => (effect ? painted(effect, drawn(effect, axis, plot), style) : ''))
  const all = [[...head.map(style.dim), style.dim(scale(axis, plot, signed))], ...cells.map((row, i) => [...row, plotted[i] as string])]
  return table(all, right)
}

function pairTable({ rows }: AblationTable, columns: number, style: Style): string {
  const pairs = rows.flatMap((row) => (row.interaction ? [{ row, beyond: row.interaction }] : []))
  if (pairs.length === 0) return ''
  const sorted = pairs.sort((a, b) => Math.abs(b.beyond.mean) - Math.abs(a.beyond.mean))
  const signed = signedLike(pairs.flatMap(({ beyond }) => [beyond.mean, ...(beyond.interval ?? [])]))
  const cells = sorted.map(({ row, beyond }) => [
    cut(nameOf(row), Math.max(12, columns - 44)),
    painted(beyond, signed(beyond.mean), style),
    intervalOf(beyond, signed),
    beyond.sure ? style.bold('*') : '',
  ])
  return table([['both at once', 'beyond the sum', '95 % interval'].map(style.dim), ...cells], [1])
}

function troubleLines({ base, rows }: AblationTable, { yellow, dim }: Style): string {
  const of = (name: string, { failed, open }: Pick<AblationRow, 'failed' | 'open'>, unpaired: readonly number[] = []) => [
    ...failed.map(({ seed, reason }) => `${yellow('failed')}  ${name}, seed ${seed}: ${reason}\n`),
    ...unpaired.map((seed) => `${dim('alone')}   ${name}, seed ${seed}: the base trial of this seed did not finish\n`),
    ...(open.length > 0 ? [`${dim('open')}    ${name}, seed${open.length === 1 ? '' : 's'} ${open.join(', ')}\n`] : []),
  ]
  return [...of('everything', base), ...rows.flatMap((row) => of(nameOf(row), row, row.unpaired))].join('')
}

function notes({ base, rows, objective }: AblationTable, { dim }: Style): string {
  if (rows.length === 0) return ''
  const said = [`worth: how much worse ${objective.metric} gets without it, seed by seed`]
  const single = base.values.length === 1 && !rows.some(({ effect }) => effect?.interval)
  if (single) said.push('one seed tells nothing of chance: with more there are intervals')
  const sure = rows.filter(({ effect }) => effect?.sure).length
  if (sure > 0) said.push('* the interval excludes zero')
  const intervals = rows.filter(({ effect }) => effect?.interval).length
  if (intervals >= 10) said.push(`of ${intervals} intervals at 95 %, about ${Math.round(intervals / 20) || 1} misses by chance`)
  return said.map((text) => `${dim(text)}\n`).join('')
}

interface Axis {
  readonly low: number
  readonly high: number
}

function axisOf(rows: readonly AblationRow[]): Axis | undefined {
  const values = rows.flatMap(({ effect }) => (effect ? [effect.mean, ...(effect.interval ?? [])] : []))
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  return high > low ? { low, high } : undefined
}

function place(value: number, { low, high }: Axis, width: number): number {
  return Math.round(((value - low) / (high - low)) * (width - 1))
}

/** '   ├──●──┤  ' with '│' at zero. */
function drawn({ mean, interval }: Estimate, axis: Axis, width: number): string {
  const line = new Array<string>(width).fill(' ')
  line[place(0, axis, width)] = '│'
  if (interval) {
    const [from, to] = interval.map((value) => place(value, axis, width)) as [number, number]
    line.fill('─', from, to + 1)
    line[from] = '├'
    line[to] = '┤'
  }
  line[place(mean, axis, width)] = '●'
  return line.join('').trimEnd()
}

/** The ends of the axis and its zero, where they do not meet: '-0.01     0        +0.03'. */
function scale(axis: Axis, width: number, signed: Signed): string {
  const line = new Array<string>(width).fill(' ')
  const put = (text: string, from: number) => {
    const start = Math.max(0, Math.min(width - text.length, from))
    if (line.slice(Math.max(0, start - 1), start + text.length + 1).every((letter) => letter === ' '))
      for (let i = 0; i < text.length; i++) line[start + i] = text[i] as string
  }
  put('0', place(0, axis, width))
  if (axis.low < 0) put(signed(axis.low), 0)
  if (axis.high > 0) put(signed(axis.high), width)
  return line.join('').trimEnd()
}

function painted(effect: Estimate | undefined, text: string, { green, red, dim }: Style): string {
  if (!effect) return dim(text)
  if (!effect.sure) return text
  return effect.mean > 0 ? green(text) : red(text)
}

function nameOf({ without }: AblationRow): string {
  return without.join(' & ')
}

function told({ failed, open, unpaired }: AblationRow): string {
  if (open.length > 0) return 'open'
  return failed.length > 0 && unpaired.length === 0 ? 'failed' : ''
}

function intervalOf(estimate: Estimate | undefined, signed: Signed): string {
  return estimate?.interval ? `[${signed(estimate.interval[0])}, ${signed(estimate.interval[1])}]` : ''
}

type Signed = (value: number) => string

/** Numbers with their signs, all with as many digits behind the point: four below ten, more where the greatest is small. */
function signedLike(values: readonly number[]): Signed {
  const greatest = Math.max(0, ...values.map(Math.abs))
  const small = greatest === 0 ? 0 : 2 - Math.floor(Math.log10(greatest))
  const digits = Math.max(small, greatest < 10 ? 4 : greatest < 1000 ? 2 : 0)
  return (value) => {
    const text = digits > 6 ? Math.abs(value).toExponential(2) : Math.abs(value).toFixed(digits)
    if (Number(text) === 0) return text
    return `${value > 0 ? '+' : '-'}${text}`
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
