/** A terminal small enough to be obviously right: what is on its screen, and what has scrolled off it. */
export interface Screen {
  write(text: string): void
  /** From the first line ever written to the last that is not empty. */
  lines(): string[]
  /** To so many columns: lines that are too long are broken, as most terminals do. */
  resize(columns: number): void
  readonly cursorShown: boolean
  readonly wraps: boolean
}

export function screen(columns: number, rows: number): Screen {
  let width = columns
  /** All lines; the last `rows` of them are the screen. */
  let all: string[] = ['']
  let row = 0
  let column = 0
  let cursorShown = true
  let wraps = true
  const top = () => Math.max(0, all.length - rows)
  const down = () => {
    row++
    if (row === all.length) all.push('')
  }
  const put = (letter: string) => {
    if (column >= width) {
      if (wraps) {
        down()
        column = 0
      } else column = width - 1
    }
    const line = (all[row] as string).padEnd(column)
    all[row] = line.slice(0, column) + letter + line.slice(column + 1)
    column++
  }
  const control = (code: string) => {
    const [, amount = '', kind = ''] = /^\[(\??\d*)(\w)$/.exec(code) ?? []
    if (kind === 'A') row = Math.max(top(), row - Number(amount || 1))
    else if (kind === 'K') all[row] = (all[row] as string).slice(0, column)
    else if (kind === 'J') {
      all[row] = (all[row] as string).slice(0, column)
      for (let i = row + 1; i < all.length; i++) all[i] = ''
    } else if (amount === '?25') cursorShown = kind === 'h'
    else if (amount === '?7') wraps = kind === 'h'
    else if (kind !== 'm') throw new Error(`a terminal was told ${JSON.stringify(code)}`)
  }
  return {
    write(text) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
      for (const part of text.match(/\x1b(\[\??\d*\w)|\p{Any}/gu) ?? []) {
        if (part.length > 1 && part.startsWith('\x1b')) control(part.slice(1))
        else if (part === '\n') {
          down()
          column = 0
        } else if (part === '\r') column = 0
        else put(part)
      }
    },
    lines() {
      const trimmed = all.map((line) => line.trimEnd())
      return trimmed.slice(0, trimmed.findLastIndex((line) => line !== '') + 1)
    },
    resize(to) {
      const broken = all.slice(0, row).map((line) => line.match(new RegExp(`.{1,${to}}`, 'g')) ?? [''])
      const below = all.slice(row)
      all = [...broken.flat(), ...below]
      row = broken.flat().length
      width = to
    },
    get cursorShown() {
      return cursorShown
    },
    get wraps() {
      return wraps
    },
  }
}
