/** One JSON object a line. */
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { ColumnKind } from '../encoding.ts'
import type { FrameData } from '../frame.ts'
import { type Scan, scanOf } from '../scan.ts'
import { type Cell, columnBuilder, sampleRows } from './builder.ts'
import { bytesIn } from './source.ts'

export interface JsonLinesOptions {
  /** Kinds of columns; those not named are inferred. */
  readonly types?: Readonly<Record<string, ColumnKind>>
}

/**
 * Reads a file with one JSON object a line, packed with gzip or not. Numbers are numeric, strings and booleans are
 * categories or text; null and absent keys are missing. The first 1,000 lines tell the columns.
 *
 * @throws FILE_MISSING; FILE_FORMAT naming the line; NOT_A_NUMBER; NO_ROWS
 */
export function jsonLines(path: string, options: JsonLinesOptions = {}): Promise<Frame> {
  return scanJsonLines(path, options).frame()
}

/** The same in chunks, for a file larger than memory. */
export function scanJsonLines(path: string, options: JsonLinesOptions = {}): Scan {
  checkOptions('jsonLines', options, ['types'])
  return scanOf(basename(path), ({ rows, types }) => readJsonLines(path, { ...options.types, ...types }, rows))
}

interface JsonRow {
  readonly values: Readonly<Record<string, unknown>>
  readonly line: number
}

async function* readJsonLines(path: string, types: Readonly<Record<string, ColumnKind>>, chunk: number): AsyncGenerator<FrameData> {
  const wrong = (line: number, problem: string) => fail('FILE_FORMAT', path, 'JSON lines', `line ${line} ${problem}`)
  let columns: Map<string, ReturnType<typeof columnBuilder>> | undefined
  let held = 0
  const begin = (sample: readonly JsonRow[]) => {
    const names = new Set([...sample.flatMap(({ values }) => Object.keys(values)), ...Object.keys(types)])
    const where = (line: number) => `${path}, line ${line}`
    columns = new Map(
      [...names].map((column) => {
        const kind = Object.hasOwn(types, column) ? types[column] : undefined
        return [column, columnBuilder({ column, kind, parse: false, where })]
      }),
    )
  }
  const addRow = ({ values, line }: JsonRow) => {
    for (const key of Object.keys(values))
      if (!columns?.has(key)) throw wrong(line, `has '${key}', which the first ${sampleRows} lines do not`)
    for (const [key, builder] of columns ?? []) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined
      if (typeof value === 'object' && value !== null)
        throw wrong(line, `has a list or an object in '${key}', where a number or a string must be`)
      builder.add(cellOf(value), line)
    }
    held++
  }
  const flush = (): FrameData => {
    const length = held
    held = 0
    return {
      name: basename(path),
      length,
      columns: Object.fromEntries([...(columns ?? [])].map(([name, builder]) => [name, builder.flush()])),
    }
  }
  let sample: JsonRow[] = []
  let line = 0
  for await (const text of createInterface({
    input: Readable.from(bytesIn(path), { objectMode: false }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++
    if (text.trim() === '') continue
    const row = { values: parsed(text, line, wrong), line }
    if (columns === undefined) {
      sample.push(row)
      if (sample.length < sampleRows) continue
      begin(sample)
    }
    const fresh = sample.length > 0 ? sample : [row]
    sample = []
    for (const one of fresh) {
      addRow(one)
      if (held === chunk) yield flush()
    }
  }
  if (columns === undefined) begin(sample)
  for (const one of sample) {
    addRow(one)
    if (held === chunk) yield flush()
  }
  if (held > 0) yield flush()
}

function parsed(text: string, line: number, wrong: (line: number, problem: string) => Error): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line === 1 ? text.replace(/^\uFEFF/, '') : text)
  } catch (error) {
    throw wrong(line, `is not JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(line, 'is not an object {...}')
  return value as Record<string, unknown>
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return undefined
  return typeof value === 'number' ? value : String(value)
}
