/** Comma-, tab- and otherwise separated values, by csv-parse. */
import { basename } from 'node:path'
import { CsvError, type Parser, parse } from 'csv-parse'
import { parse as parseAll } from 'csv-parse/sync'
import { fail, failBecause } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { ColumnKind } from '../encoding.ts'
import type { FrameData } from '../frame.ts'
import { type Scan, scanOf } from '../scan.ts'
import { type Cell, type ColumnBuilder, columnBuilder, looksNumeric, sampleRows } from './builder.ts'
import { bytesIn, headOf } from './source.ts'

export interface CsvOptions {
  /** Default: guessed from the first lines among comma, tab, semicolon and bar. */
  readonly delimiter?: string
  /** Whether the first row names the columns, or the names. Default: guessed (no number among unique names). */
  readonly header?: boolean | readonly string[]
  /** The character round fields that hold the delimiter. Default '"', but none where a tab separates. */
  readonly quote?: string | false
  /** Rows that begin with this are passed over. */
  readonly comment?: string
  /** Texts that mean a missing value, spaces around them left out. Default: empty, ?, NA, N/A, NaN, nan, null, NULL. */
  readonly missing?: readonly string[]
  /** Kinds of columns; those not named are inferred. */
  readonly types?: Readonly<Record<string, ColumnKind>>
}

export const missingTexts = ['', '?', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL'] as const

/**
 * Reads a file of separated values, packed with gzip or not. Fields lose the spaces round them.
 *
 * @throws FILE_MISSING; ROW_WIDTH, NOT_A_NUMBER, VALUE_NOT_FINITE naming file and line; FILE_FORMAT (quotes); NO_ROWS
 * @example `const frame = await data.csv('houses.csv'); const train = frame.dataset({ target: 'price' })`
 */
export function csv(path: string, options: CsvOptions = {}): Promise<Frame> {
  return scanCsv(path, options).frame()
}

/** The same with tabs. */
export function tsv(path: string, options: Omit<CsvOptions, 'delimiter'> = {}): Promise<Frame> {
  return csv(path, { ...options, delimiter: '\t' })
}

/** A file of separated values that is read in chunks, for one larger than memory. @see csv */
export function scanCsv(path: string, options: CsvOptions = {}): Scan {
  checkOptions('csv', options, ['delimiter', 'header', 'quote', 'comment', 'missing', 'types'])
  return scanOf(basename(path), ({ rows, types }) => readCsv(path, { ...options, types: { ...options.types, ...types } }, rows))
}

interface CsvRow {
  readonly fields: readonly string[]
  readonly line: number
}

async function* readCsv(path: string, options: CsvOptions, chunk: number): AsyncGenerator<FrameData> {
  const missing = new Set(options.missing ?? missingTexts)
  const where = (line: number) => `${path}, line ${line}`
  let columns: { name: string; builder: ColumnBuilder }[] | undefined
  let held = 0
  const addRow = ({ fields, line }: CsvRow) => {
    const made = columns as NonNullable<typeof columns>
    if (fields.length !== made.length) throw fail('ROW_WIDTH', where(line), fields.length, made.length)
    for (let c = 0; c < made.length; c++) {
      const field = fields[c] as string
      made[c]?.builder.add(missing.has(field) ? undefined : (field as Cell), line)
    }
    held++
  }
  const flush = (): FrameData => {
    const parts = (columns ?? []).map(({ name, builder }) => [name, builder.flush()] as const)
    const length = held
    held = 0
    return { name: basename(path), length, columns: Object.fromEntries(parts) }
  }
  const begin = (sample: readonly CsvRow[]): readonly CsvRow[] => {
    const { names, rest } = headed(path, sample, options, missing)
    const unknown = Object.keys(options.types ?? {}).find((name) => !names.includes(name))
    if (unknown !== undefined) throw fail('COLUMN_UNKNOWN', path, unknown, names)
    columns = names.map((name) => {
      const kind = options.types !== undefined && Object.hasOwn(options.types, name) ? options.types[name] : undefined
      return { name, builder: columnBuilder({ column: name, kind, parse: true, where }) }
    })
    return rest
  }
  let sample: CsvRow[] = []
  for await (const rows of rowsIn(path, options)) {
    let fresh: readonly CsvRow[] = rows
    if (columns === undefined) {
      sample.push(...rows)
      if (sample.length <= sampleRows) continue
      fresh = begin(sample)
      sample = []
    }
    for (const row of fresh) {
      addRow(row)
      if (held === chunk) yield flush()
    }
  }
  if (columns === undefined && sample.length > 0)
    for (const row of begin(sample)) {
      addRow(row)
      if (held === chunk) yield flush()
    }
  if (held > 0) yield flush()
}

/** Rows as the parser finds them, with the line each ends on; some at a time, as the file is read. */
async function* rowsIn(path: string, options: CsvOptions): AsyncGenerator<CsvRow[]> {
  const delimiter = options.delimiter ?? guessDelimiter((await headOf(path, 1 << 16)).toString('utf8'), options.comment)
  const quote = options.quote ?? (delimiter === '\t' ? false : '"')
  let rows: CsvRow[] = []
  const parser: Parser = parse({
    delimiter,
    quote,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    ...(options.comment === undefined ? {} : { comment: options.comment, comment_no_infix: true }),
    on_record: (fields: string[], { lines }: { lines: number }) => {
      rows.push({ fields, line: lines })
      return null // nothing goes into the stream: rows are taken from here after each piece
    },
  })
  const failed = new Promise<never>((_, reject) => parser.once('error', reject))
  failed.catch(() => undefined)
  const ended = (write: (done: () => void) => void) => Promise.race([new Promise<void>(write), failed])
  try {
    for await (const bytes of bytesIn(path)) {
      await ended((done) => void parser.write(bytes, () => done()))
      yield rows
      rows = []
    }
    parser.resume()
    await ended((done) => void parser.once('end', done).end())
    yield rows
  } catch (error) {
    if (error instanceof CsvError) throw failBecause(error, 'FILE_FORMAT', path, 'CSV', error.message)
    throw error
  } finally {
    parser.destroy()
  }
}

function headed(
  path: string,
  sample: readonly CsvRow[],
  { header, types }: CsvOptions,
  missing: ReadonlySet<string>,
): { names: readonly string[]; rest: readonly CsvRow[] } {
  const [first, ...rest] = sample
  if (first === undefined) throw fail('NO_ROWS', path, 'the file is empty')
  if (typeof header === 'object') {
    if (header.length !== first.fields.length) throw fail('ROW_WIDTH', `${path}, line ${first.line}`, first.fields.length, header.length)
    return { names: header, rest: sample }
  }
  const named =
    header ??
    (types !== undefined && Object.keys(types).length > 0
      ? first.fields.includes(Object.keys(types)[0] as string)
      : isHeader(first, rest, missing))
  if (!named) return { names: first.fields.map((_, c) => `column${c + 1}`), rest: sample }
  const twice = first.fields.find((name, c) => first.fields.indexOf(name) !== c)
  if (twice !== undefined) throw fail('FILE_FORMAT', path, 'CSV', `its header names '${twice}' twice; give names with the option 'header'`)
  return { names: first.fields, rest }
}

/** Names are unique, no numbers, not missing; and none of them comes again as a value of its column. */
function isHeader(first: CsvRow, rest: readonly CsvRow[], missing: ReadonlySet<string>): boolean {
  const { fields } = first
  if (new Set(fields).size < fields.length || fields.some((name) => missing.has(name) || looksNumeric(name))) return false
  return !fields.some((name, c) => rest.some((row) => row.fields[c] === name))
}

/** The delimiter that gives the sampled lines equally many columns, and most of them. */
function guessDelimiter(text: string, comment: string | undefined): string {
  const whole = text.lastIndexOf('\n') > 0 ? text.slice(0, text.lastIndexOf('\n')) : text
  const lines = whole.split(/\r?\n/).filter((line) => line !== '' && !(comment !== undefined && line.startsWith(comment)))
  const sample = lines.slice(0, 50).join('\n')
  let best = { delimiter: ',', score: 0 }
  for (const delimiter of [',', '\t', ';', '|']) {
    const counts = widths(sample, delimiter)
    const most = Math.max(...counts.values())
    const [width = 1] = [...counts].find(([, rows]) => rows === most) ?? []
    const total = [...counts.values()].reduce((sum, rows) => sum + rows, 0)
    // Columns count only as far as the lines agree on them: commas in prose differ from line to line.
    const score = width > 1 ? (most / total) ** 4 * Math.log2(1 + width) : 0
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

function widths(sample: string, delimiter: string): Map<number, number> {
  const counts = new Map<number, number>()
  try {
    const options = { delimiter, quote: delimiter === '\t' ? false : '"', relax_column_count: true, relax_quotes: true } as const
    for (const row of parseAll(sample, options) as string[][]) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
  } catch {
    // A quote opened in the sample and closed after it: this delimiter says nothing.
  }
  return counts
}
