import { suggest } from '../suggest.ts'

/** Errors that belong to no room in particular. */
export const errors = {
  UNKNOWN_KIND: (what: string, name: string, known: Iterable<string>) => `There is no ${what} named '${name}'. ${suggest(name, known)}`,
  UNKNOWN_OPTION: (what: string, option: string, known: Iterable<string>) => `${what} has no option '${option}'. ${suggest(option, known)}`,
  BAD_OPTION: (what: string, option: string, got: unknown, want: string) =>
    `${what}: option '${option}' is ${show(got)} but must be ${want}.`,
  INTERNAL: (what: string) => `Tutti made a mistake of its own: ${what}. Please report it with what you ran.`,
} as const

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
