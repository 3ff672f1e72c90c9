import { suggest } from '../suggest.ts'

/** Errors of the data room. */
export const errors = {
  COLUMN_UNKNOWN: (where: string, name: string, known: Iterable<string>) => `${where} has no column '${name}'. ${suggest(name, known)}`,
  COLUMN_LENGTH: (where: string, column: string, got: number, want: string) =>
    `${where}: column '${column}' holds ${got} values but needs ${want}.`,
  VALUE_NOT_FINITE: (where: string, column: string, value: unknown) =>
    `${where}: column '${column}' holds ${value}. Training on it would turn the loss to NaN: drop the row, fill the value, or mark it as missing.`,
  LABEL_OUTSIDE: (where: string, column: string, value: unknown, classes: number) =>
    `${where}: column '${column}' holds the label ${value}, but labels must be whole numbers from 0 to ${classes - 1}.`,
  NO_ROWS: (where: string, why: string) => `${where} has no rows: ${why}.`,
  DATA_SPLIT: (where: string, problem: string) => `${where} cannot be split so: ${problem}.`,
  FILE_MISSING: (path: string, what: string) => `${path} is not there; it should be ${what}.`,
  FILE_FORMAT: (path: string, format: string, problem: string) => `${path} is not a readable ${format} file: ${problem}.`,
  DOWNLOAD_FAILED: (file: string, target: string, reasons: readonly string[]) =>
    `${file} is not on this machine and could not be downloaded to ${target}. Tried: ${reasons.join('; ')}. ` +
    `Try again later (a download that was cut goes on where it ended), or name a folder that has it with --data-dir or TUTTI_DATA.`,
  ROW_WIDTH: (where: string, got: number, want: number) =>
    `${where} has ${got} columns, but the rows before it have ${want}. Mend the row, or name another delimiter or quote.`,
  NOT_A_NUMBER: (where: string, column: string, value: string) =>
    `${where}: column '${column}' holds '${value}', but its other values are numbers. ` +
    `Mend it, add it to the option 'missing', or say types: { ${JSON.stringify(column)}: 'categorical' }.`,
  LABEL_UNKNOWN: (where: string, column: string, value: unknown, classes: readonly string[]) =>
    `${where}: column '${column}' holds the label '${value}', which is none of those learned: ${classes.slice(0, 20).join(', ')}.`,
  COLUMNS_MISMATCH: (where: string, problems: readonly string[]) => `${where} does not fit its encoding: ${problems.join('; ')}.`,
  VALUE_MISSING: (where: string, column: string, why: string) => `${where}: column '${column}' has no value, ${why}.`,
  TOKEN_UNKNOWN: (token: string, size: number) =>
    `${token} is not among the ${size} tokens of the vocabulary. Build it from more text, or with special: true, which has a token for the unknown.`,
} as const
