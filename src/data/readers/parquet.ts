/** Apache Parquet, by hyparquet. */
import { basename } from 'node:path'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { ColumnKind } from '../encoding.ts'
import type { FrameData } from '../frame.ts'
import { type Scan, scanOf } from '../scan.ts'
import { placed } from '../settings.ts'
import { type Cell, columnBuilder } from './builder.ts'

export interface ParquetOptions {
  /** Columns to read; the others stay on disk. Default: all. */
  readonly columns?: readonly string[]
  /** Kinds of columns; those not named are inferred. */
  readonly types?: Readonly<Record<string, ColumnKind>>
}

/**
 * Reads a Parquet file of flat columns: numbers (64-bit integers and decimals to the nearest double, dates as milliseconds
 * since 1970), strings and booleans.
 *
 * @throws FILE_MISSING; FILE_FORMAT; COLUMN_UNKNOWN; NO_ROWS
 */
export function parquet(path: string, options: ParquetOptions = {}): Promise<Frame> {
  return scanParquet(path, options).frame()
}

/** The same in chunks, for a file larger than memory. */
export function scanParquet(path: string, options: ParquetOptions = {}): Scan {
  checkOptions('parquet', options, ['columns', 'types'])
  return scanOf(basename(path), ({ rows, types }) => readParquet(path, options.columns, { ...options.types, ...types }, rows))
}

/** Rows decoded at a time. */
const slice = 8192

async function* readParquet(
  path: string,
  only: readonly string[] | undefined,
  types: Readonly<Record<string, ColumnKind>>,
  chunk: number,
): AsyncGenerator<FrameData> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const file = await asyncBufferFromFile(await placed(path)).catch((error) => {
    throw error.code === 'ENOENT' ? fail('FILE_MISSING', path, 'a Parquet file') : error
  })
  const unreadable = (error: unknown) => failBecause(error, 'FILE_FORMAT', path, 'Parquet', messageOf(error))
  const metadata = await parquetMetadataAsync(file).catch((error) => {
    throw unreadable(error)
  })
  const names = parquetSchema(metadata).children.map(({ element }) => element.name)
  for (const name of [...(only ?? []), ...Object.keys(types)]) if (!names.includes(name)) throw fail('COLUMN_UNKNOWN', path, name, names)
  const columns = (only ?? names).map((column) => {
    const kind = Object.hasOwn(types, column) ? types[column] : undefined
    return { column, builder: columnBuilder({ column, kind, parse: false, where: (row) => `${path}, row ${row}` }) }
  })
  const total = Number(metadata.num_rows)
  let held = 0
  const flush = (): FrameData => {
    const length = held
    held = 0
    return { name: basename(path), length, columns: Object.fromEntries(columns.map(({ column, builder }) => [column, builder.flush()])) }
  }
  for (let rowStart = 0; rowStart < total; rowStart += slice) {
    const rowEnd = Math.min(total, rowStart + slice)
    const rows = await parquetReadObjects({
      file,
      metadata,
      compressors,
      rowStart,
      rowEnd,
      columns: columns.map(({ column }) => column),
    }).catch((error) => {
      throw unreadable(error)
    })
    for (const [i, row] of rows.entries()) {
      for (const { column, builder } of columns) {
        const cell = cellOf(row[column])
        if (cell === nested)
          throw fail('FILE_FORMAT', path, 'flat Parquet', `its column '${column}' holds lists or objects; name others with 'columns'`)
        builder.add(cell, rowStart + i + 1)
      }
      if (++held === chunk) yield flush()
    }
  }
  if (held > 0) yield flush()
}

const nested = Symbol('nested')

function cellOf(value: unknown): Cell | typeof nested {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  return typeof value === 'object' ? nested : String(value)
}
