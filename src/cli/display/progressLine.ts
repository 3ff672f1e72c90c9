/** The live line: bar, epoch, step, loss, metrics, examples a second, time left; the least important go first where it is narrow. */
import type { Progress } from '../../train/index.ts'
import { bar } from './bar.ts'
import { formatClock, formatCount, formatNumber } from './numbers.ts'
import { type Style, widthOf } from './style.ts'

export interface LineOptions {
  /** Share that was done before this process began. */
  readonly base: number
  readonly columns: number
  readonly style: Style
  /** The metric to show first. */
  readonly objective: string | undefined
}

const widest = 32
const narrowest = 6

export function progressLine(progress: Progress, { base, columns, style, objective }: LineOptions): string {
  const { phase, epoch, epochs, batch, batches, loss, metrics, examples, elapsed } = progress
  const { dim, cyan } = style
  if (phase === 'compile') return dim('compiling the model')
  const of = String(epochs)
  const at = Math.min(epoch + 1, epochs)
  const share = (epoch + (batches ? batch / batches : 0)) / epochs
  const seconds = elapsed / 1000
  const left = batches && share > base ? (seconds * (1 - share)) / (share - base) : Number.NaN
  const known = Object.entries(metrics).sort(([a], [b]) => Number(b === objective) - Number(a === objective))

  // By importance; what does not fit is left out from the end.
  const parts: { order: number; text: string }[] = [
    { order: 0, text: phase === 'learn' ? 'learning' : `epoch ${String(at).padStart(of.length)}/${of}` },
    ...(phase === 'learn' ? [] : [{ order: 3, text: `${dim('loss')} ${Number.isNaN(loss) ? '-' : formatNumber(loss)}` }]),
    ...(Number.isNaN(left) ? [] : [{ order: 9, text: `${dim('ETA')} ${formatClock(left)}` }]),
    ...known.slice(0, 1).map(([key, value]) => ({ order: 4, text: `${dim(key)} ${formatNumber(value)}` })),
    { order: 2, text: batches ? `${String(batch).padStart(String(batches).length)}/${batches}` : `${dim('step')} ${batch}` },
    { order: 8, text: `${formatCount(seconds > 0 ? examples / seconds : 0)}${dim('/s')}` },
    ...known.slice(1).map(([key, value], i) => ({ order: 5 + i / 100, text: `${dim(key)} ${formatNumber(value)}` })),
  ]
  const room = columns - 3 // the last column makes some terminals wrap, and '^C' needs two
  const width = (chosen: typeof parts) => chosen.reduce((sum, { text }) => sum + widthOf(text) + 2, -2)
  const need = batches ? narrowest + 2 : 0
  let chosen = parts
  while (chosen.length > 1 && width(chosen) + need > room) chosen = chosen.slice(0, -1)
  const free = room - width(chosen) - 2
  const ordered = chosen.toSorted((a, b) => a.order - b.order).map(({ text }) => text)
  if (batches && free >= narrowest) {
    const { done, left } = bar(share, Math.min(widest, free))
    ordered.splice(1, 0, `${cyan(done)}${dim(left)}`)
  }
  return ordered.join('  ')
}
