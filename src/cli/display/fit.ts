/** Text of others made safe to show, and lines made to fit. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^[\]])/g

/**
 * What others wrote, in one line that can do nothing to the terminal: no escape sequences, line breaks, marks that turn the
 * direction of writing, or half characters.
 */
export function printable(text: string): string {
  return text
    .replace(escapes, '')
    .replace(/\t/g, '  ')
    .replace(/[\r\n\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
}

/** A line cut to so many columns, with an ellipsis for what is gone; its colors end where they would have. */
export function fit(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with one
  const parts = line.split(/(\x1b\[\d+m)/)
  const letters = parts.map((part, i) => (i % 2 === 1 ? [] : [...part]))
  if (letters.reduce((sum, { length }) => sum + length, 0) <= columns) return line
  let left = Math.max(0, columns - 1)
  let cut = columns < 1
  return parts
    .map((part, i) => {
      if (i % 2 === 1) return part
      const all = letters[i] as string[]
      const some = all.slice(0, left).join('')
      if (cut || all.length <= left) {
        left -= cut ? 0 : all.length
        return some
      }
      cut = true
      left = 0
      return `${some}…`
    })
    .join('')
}
