/** Tabular files read in chunks: to one frame in memory, or as a stream where they are larger than that. */
import { fail } from '../core/errors.ts'
import { type Frame, frame as frameOf } from './dataframe.ts'
import { applyEncoding } from './encode.ts'
import type { ColumnKind } from './encoding.ts'
import { type DatasetOptions, encodingFitter } from './fit.ts'
import { concatFrames, type FrameData, kindsOf } from './frame.ts'
import { type Stream, stream } from './stream.ts'

/** A tabular file that has not been read yet. */
export interface Scan {
  readonly name: string
  /** Frames of up to `rows` rows (default 8,192), one after another; `types` fixes the kinds of columns. */
  frames(options?: { readonly rows?: number; readonly types?: Readonly<Record<string, ColumnKind>> }): AsyncIterable<Frame>
  /** All of it in memory. */
  frame(): Promise<Frame>
  /**
   * The file as a stream. Reads it once to fit the encoding (unless one is given) and to count its rows, then once an epoch;
   * memory holds one chunk of rows at a time.
   */
  dataset(options: DatasetOptions): Promise<Stream>
}

/** What a reader of a format does: frames of up to `rows` rows with the same columns and kinds. */
export type FrameReader = (options: {
  readonly rows: number
  readonly types?: Readonly<Record<string, ColumnKind>>
}) => AsyncIterable<FrameData>

export function scanOf(name: string, read: FrameReader): Scan {
  return {
    name,
    async *frames({ rows = 8192, types } = {}) {
      for await (const part of read({ rows, ...(types === undefined ? {} : { types }) })) yield frameOf(part)
    },
    async frame() {
      const parts: FrameData[] = []
      for await (const part of read({ rows: Number.POSITIVE_INFINITY })) parts.push(part)
      if (parts.length === 0) throw fail('NO_ROWS', name, 'there is nothing after its header')
      return frameOf(parts.reduce(concatFrames))
    },
    async dataset(options) {
      const { encoding: given, name: label = name } = options
      const fitter = given === undefined ? encodingFitter(options) : undefined
      let types: Record<string, ColumnKind> | undefined
      let first: FrameData | undefined
      let length = 0
      for await (const part of read({ rows: 8192 })) {
        first ??= part
        types ??= kindsOf(part)
        length += part.length
        fitter?.add(part)
      }
      if (first === undefined) throw fail('NO_ROWS', name, 'there is nothing after its header')
      const encoding = given ?? (fitter as NonNullable<typeof fitter>).finish()
      const { fields, inputs, target } = applyEncoding(first, encoding)
      return stream({
        name: label,
        fields,
        inputs,
        ...(target === undefined ? {} : { target }),
        length,
        encoding,
        async *tables() {
          for await (const part of read({ rows: 8192, ...(types === undefined ? {} : { types }) })) yield applyEncoding(part, encoding)
        },
      })
    },
  }
}
