/** Colors and weights of text, or nothing where they are not wanted. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

export function styleOf(color: boolean): Style {
  const paint = (on: number, off: number) => (text: string) => (color && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text)
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39), cyan: paint(36, 39) }
}

/** Columns a text takes on the screen; color codes take none. */
export function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with one
  return [...text.replace(/\x1b\[\d+m/g, '')].length
}
