/** Some lines at the bottom of a terminal that are drawn over and over; other lines go above them. */
import type { Terminal } from '../../core/console.ts'
import { widthOf } from './style.ts'

/** A terminal that may know how high it is. */
export type Screen = Terminal & { readonly rows?: number }

/** Nearly every terminal has as many. */
const usualRows = 24

export interface LiveBlock {
  /** Shows these lines instead of those that were there. Nothing happens where the terminal cannot redraw. */
  draw(lines: readonly string[]): void
  /** Writes a line that stays: above the block, with its next drawing; at once where there is none. */
  print(line: string): void
  /** Takes the block away; what was printed stays. */
  clear(): void
  /** Lines that the block may have at most. */
  readonly rows: number
}

const up = (rows: number) => (rows === 0 ? '' : `\r\x1b[${rows}A`)
const eraseRest = '\x1b[K'
const eraseBelow = '\x1b[J'
/** The cursor is hidden, and lines are kept from wrapping, only while a drawing lasts: whoever dies leaves the terminal as it was. */
const [hide, show, noWrap, wrap] = ['\x1b[?25l', '\x1b[?25h', '\x1b[?7l', '\x1b[?7h']

/** Each drawing is one write, over what was there and not after erasing it: so it does not flicker. */
export function liveBlock(terminal: Screen): LiveBlock {
  let widths: readonly number[] = []
  let pending = ''

  /** How high the block is now: a terminal that was made narrower has broken its lines. */
  const height = () => widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / Math.max(1, terminal.columns))), 0)

  const frame = (lines: readonly string[]) => {
    const above = pending === '' ? '' : `${eraseBelow}${pending}`
    const drawn = lines.map((line) => `${line}${eraseRest}\n`).join('')
    terminal.err(`${hide}${up(height())}${above}${noWrap}${drawn}${wrap}${eraseBelow}${show}`)
    pending = ''
    widths = lines.map(widthOf)
  }

  return {
    draw(lines) {
      if (terminal.interactive) frame(lines)
    },
    print(line) {
      if (terminal.interactive && widths.length > 0) pending += `${line}\n`
      else terminal.err(`${line}\n`)
    },
    clear() {
      if (widths.length > 0) frame([])
    },
    get rows() {
      return Math.max(1, (terminal.rows ?? usualRows) - 1)
    },
  }
}
