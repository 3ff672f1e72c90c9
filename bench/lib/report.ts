/** What a suite gives back, and how it is shown: as text in a terminal, as Markdown in the docs. */

/** One comparison, as it is written to JSON. */
export interface Row {
  readonly suite: string
  readonly workload: string
  readonly peer: string
  readonly threads: number
  readonly ours: number
  readonly theirs: number | null
  readonly unit: string
  /** Theirs / ours: above 1 tutti is better. */
  readonly ratio: number | null
  /** Quartiles of the ratio over the rounds. */
  readonly quartiles?: readonly [number, number]
}

export interface Table {
  readonly title: string
  /** A sentence on how to read it. */
  readonly about: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Report {
  readonly rows: readonly Row[]
  readonly tables: readonly Table[]
  readonly notes: readonly string[]
}

export function asText({ title, about, columns, rows }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumeric(rows, i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd()
  return [title, about, '', line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export function asMarkdown({ title, about, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, i) => (isNumeric(rows, i) ? '--:' : '---'))
  return [`### ${title}`, '', about, '', line(columns), line(rule), ...rows.map(line)].join('\n')
}

/** Three digits, and no more than are there. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** 1.34 (1.30 - 1.39) */
export function ratioText({ ratio, quartiles }: Row): string {
  if (ratio === null) return '-'
  return quartiles === undefined ? figure(ratio) : `${figure(ratio)} (${figure(quartiles[0])} to ${figure(quartiles[1])})`
}

function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.every((row) => /^[-\d.,]/.test(row[column] ?? '-'))
}
