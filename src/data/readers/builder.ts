/** Columns of a frame built value by value: kinds are inferred from the first rows and held to from then on. */
import { fail } from '../../core/errors.ts'
import type { ColumnKind } from '../encoding.ts'
import { categorical, type FrameColumn } from '../frame.ts'

/** Rows that the kinds of columns are inferred from. */
export const sampleRows = 1000

/** What a cell can be; undefined is missing. Readers of typed formats give numbers, readers of text give strings. */
export type Cell = number | string | undefined

export interface BuilderOptions {
  readonly column: string
  readonly kind?: ColumnKind | undefined
  /** Whether strings may be numbers ('3.5' in a CSV file) or are what they are ('3.5' in quotes in JSON). */
  readonly parse: boolean
  /** Where a row is, for errors: "data.csv, line 17". */
  readonly where: (position: number) => string
}

export interface ColumnBuilder {
  /** @throws NOT_A_NUMBER, VALUE_NOT_FINITE */
  add(cell: Cell, position: number): void
  /** The column of what was added since the last flush. The kind stays. */
  flush(): FrameColumn
}

/**
 * A column is numeric when its sampled values are numbers, or nine in ten of at least ten are: then the others are told as
 * errors, not hidden in a thousand categories. Strings are text where more than half of them (and more than 20), or more
 * than 1,000, differ.
 */
export function columnBuilder({ column, kind: given, parse, where }: BuilderOptions): ColumnBuilder {
  let kind: ColumnKind | 'strings' | undefined = given
  let sample: { cell: Cell; position: number }[] = []
  let present = 0
  let numbers = new Float64Array(1024)
  let length = 0
  let strings: (string | undefined)[] = []
  // One copy of equal strings: a million rows of 'Private' hold one.
  const interned = new Map<string, string>()

  const addNumber = (cell: Cell, position: number) => {
    const value = cell === undefined ? Number.NaN : typeof cell === 'number' ? cell : numberOf(cell)
    if (cell !== undefined && !Number.isFinite(value)) {
      if (typeof cell === 'number' || /^[+-]?inf(inity)?$/i.test(cell)) throw fail('VALUE_NOT_FINITE', where(position), column, cell)
      throw fail('NOT_A_NUMBER', where(position), column, cell)
    }
    if (length === numbers.length) {
      const larger = new Float64Array(length * 2)
      larger.set(numbers)
      numbers = larger
    }
    numbers[length++] = value
  }
  const addString = (cell: Cell) => {
    const text = cell === undefined ? undefined : String(cell)
    if (text === undefined || interned.size > 100_000) return void strings.push(text)
    const kept = interned.get(text)
    if (kept === undefined) interned.set(text, text)
    strings.push(kept ?? text)
  }
  const add = (cell: Cell, position: number) => (kind === 'numeric' ? addNumber(cell, position) : addString(cell))
  const decide = () => {
    const cells = sample.filter(({ cell }) => cell !== undefined)
    const numeric = cells.filter(({ cell }) => typeof cell === 'number' || (parse && looksNumeric(cell as string))).length
    const share = cells.length === 0 ? 1 : numeric / cells.length
    kind = share === 1 || (share >= 0.9 && cells.length >= 10) ? 'numeric' : 'strings'
    for (const { cell, position } of sample) add(cell, position)
    sample = []
  }
  return {
    add(cell, position) {
      if (kind !== undefined) return add(cell, position)
      sample.push({ cell, position })
      if (cell !== undefined) present++
      if (sample.length >= sampleRows && present > 0) decide()
    },
    flush() {
      if (kind === undefined) decide()
      if (kind === 'strings') {
        const count = strings.filter((text) => text !== undefined).length
        const different = new Set(strings).size
        kind = different > 1000 || (different > 20 && different > count / 2) ? 'text' : 'categorical'
      }
      const data = numbers.slice(0, length)
      const texts = strings
      length = 0
      strings = []
      interned.clear()
      if (kind === 'numeric') return { kind, data }
      return kind === 'text' ? { kind, data: texts } : categorical(texts)
    },
  }
}

/** A decimal number, with a point and an exponent or not, or infinity (which is refused later, with its line). */
export function looksNumeric(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) || /^[+-]?inf(inity)?$/i.test(text)
}

/** NaN for what is not a plain decimal number: '0x10' and ' ' are not, though `Number` takes them. */
function numberOf(text: string): number {
  const value = Number(text)
  const second = text.charCodeAt(1) | 32
  const prefixed = text.charCodeAt(0) === 48 && (second === 120 || second === 98 || second === 111)
  return prefixed || text.trim() === '' ? Number.NaN : value
}
