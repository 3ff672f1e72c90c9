/** Aligned columns. */
import { widthOf } from './style.ts'

/** Rows of cells; numbers stand right, text left. `right` names the columns of numbers by place. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...rows.map((row) => widthOf(row[c] ?? ''))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => {
        const gap = ' '.repeat((widths[c] as number) - widthOf(cell))
        return right.includes(c) ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${line(row)}\n`).join('')
}

/** Cut to so many columns, with an ellipsis for what is gone. */
export function cut(text: string, width: number): string {
  const letters = [...text]
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`
}
