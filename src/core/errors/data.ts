import { suggest } from '../suggest.ts'

/** Errors of the data room. */
export const errors = {
  COLUMN_UNKNOWN: (where: string, name: string, known: Iterable<string>) => `${where} has no column '${name}'. ${suggest(name, known)}`,
  COLUMN_LENGTH: (where: string, column: string, got: number, want: string) =>
    `${where}: column '${column}' holds ${got} values but needs ${want}.`,
  VALUE_NOT_FINITE: (where: string, column: string, value: unknown) =>
    `${where}: column '${column}' holds ${value}. Training on it would turn the loss to NaN: drop the row, fill the value, or mark it as missing.`,
  LABEL_RANGE: (where: string, column: string, value: unknown, classes: number) =>
    `${where}: column '${column}' holds the label ${value}, but labels must be whole numbers from 0 to ${classes - 1}.`,
  DATA_EMPTY: (where: string, why: string) => `${where} has no rows: ${why}.`,
  DATA_SPLIT: (where: string, problem: string) => `${where} cannot be split so: ${problem}.`,
  FILE_MISSING: (path: string, what: string) => `${path} is not there; it should be ${what}.`,
  FILE_FORMAT: (path: string, format: string, problem: string) => `${path} is not a readable ${format} file: ${problem}.`,
} as const
