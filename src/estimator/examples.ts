/** Tables as estimators see them: one matrix of numbers, what its columns are, and the target. */
import { fail } from '../core/errors.ts'
import type { Column, Field, Table } from '../data/index.ts'

export type Task = 'classification' | 'regression'

/** A column of the matrix. */
export interface Feature {
  readonly name: string
  /** Of a categorical feature, how many categories: its values are 0..categories-1. Absent: a quantity. */
  readonly categories?: number
}

export interface Examples {
  readonly name: string
  readonly rows: number
  readonly features: readonly Feature[]
  /** Row-major [rows, features]; NaN where a value is missing. On shared memory where it had to be made. */
  readonly x: Float32Array
  /** The target: labels 0..k-1 or quantities; undefined where there is none. */
  readonly y: Float64Array | undefined
  /** Names of the labels. */
  readonly classes: readonly string[] | undefined
  /** Whether the target is labels or quantities. */
  readonly task: Task | undefined
}

const known = new WeakMap<Table, Examples>()

/**
 * The examples of a table, made once: its inputs side by side in their order. Integer columns that are codes of categories
 * (with `classes`, or from an encoding with `categorical: 'codes'`) stay categorical, all else is a quantity.
 *
 * @throws FIT_TEXT where an input holds tokens of text
 */
export function examplesOf(data: Table | Examples): Examples {
  if (!('columns' in data)) return data
  const found = known.get(data)
  if (found) return found
  const made = make(data)
  known.set(data, made)
  return made
}

function make(table: Table): Examples {
  const { name, length: rows, inputs, columns } = table
  const parts = inputs.map((key) => ({ key, column: columns[key] as Column, features: featuresOf(table, key) }))
  const features = parts.flatMap((part) => part.features)
  const [only] = parts
  const x =
    parts.length === 1 && only && only.column.data instanceof Float32Array && !isScaled(only.column)
      ? only.column.data
      : sideBySide(
          rows,
          features.length,
          parts.map(({ column, features }) => ({ column, width: features.length })),
        )
  const target = table.target === undefined ? undefined : columns[table.target]
  return { name, rows, features, x, ...targetOf(target) }
}

function targetOf(target: Column | undefined): Pick<Examples, 'y' | 'classes' | 'task'> {
  if (target === undefined) return { y: undefined, classes: undefined, task: undefined }
  const { scale = 1, offset = 0 } = target
  const y = Float64Array.from(target.data as Float32Array, isScaled(target) ? (value) => value * scale + offset : Number)
  const labels = target.dtype === 'int32' || target.dtype === 'uint8' || target.dtype === 'bool'
  return { y, classes: target.classes, task: labels && !isScaled(target) ? 'classification' : 'regression' }
}

function featuresOf({ name, columns, encoding }: Table, key: string): Feature[] {
  const column = columns[key] as Column
  const text = encoding?.features.find((rule) => rule.kind === 'text' && (rule.column === key || encoding.features.length === 1))
  if (text) throw fail('FIT_TEXT', name, key)
  const width = column.shape.reduce((a, b) => a * b, 1)
  const names = column.names ?? (column.shape.length === 0 ? [key] : Array.from({ length: width }, (_, k) => `${key}[${k}]`))
  return names.map((feature): Feature => {
    const code = encoding?.features.find((rule) => rule.kind === 'code' && rule.column === feature)
    // One more than the classes: what is unknown or missing has a code of its own.
    if (key === 'categories' && code?.kind === 'code') return { name: feature, categories: code.classes.length + 1 }
    if (column.dtype === 'int32' && column.classes) return { name: feature, categories: column.classes.length }
    return { name: feature }
  })
}

/** All columns in one matrix, on memory that threads can share. */
function sideBySide(rows: number, width: number, parts: readonly { column: Column; width: number }[]): Float32Array {
  const x = new Float32Array(new SharedArrayBuffer(rows * width * 4))
  let at = 0
  for (const { column, width: w } of parts) {
    const { scale = 1, offset = 0 } = column
    const from = column.data as Float32Array
    for (let row = 0; row < rows; row++) for (let k = 0; k < w; k++) x[row * width + at + k] = Number(from[row * w + k]) * scale + offset
    at += w
  }
  return x
}

function isScaled({ scale, offset }: Field): boolean {
  return scale !== undefined || offset !== undefined
}
