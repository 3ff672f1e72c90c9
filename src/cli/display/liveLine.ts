/** One line at the bottom of a terminal that is drawn over and over; other lines go above it. */
import type { Terminal } from '../../core/console.ts'

export interface LiveLine {
  /** Shows this instead of what was there. Nothing happens where the terminal cannot redraw. */
  draw(line: string): void
  /** Writes a line that stays. */
  print(line: string): void
  /** Takes the live line away. */
  clear(): void
}

export function liveLine(terminal: Terminal): LiveLine {
  let shown = ''
  const erase = '\r\x1b[2K'
  return {
    draw(line) {
      if (!terminal.interactive) return
      terminal.err(`${erase}${line}`)
      shown = line
    },
    print(line) {
      terminal.err(shown === '' ? `${line}\n` : `${erase}${line}\n${shown}`)
    },
    clear() {
      if (shown !== '') terminal.err(erase)
      shown = ''
    },
  }
}
