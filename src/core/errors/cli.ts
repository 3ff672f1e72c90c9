import { suggest } from '../suggest.ts'

/** Errors of the command line itself; they end with exit code 2. */
export const errors = {
  CLI_COMMAND: (name: string, known: Iterable<string>) =>
    `There is no command 'tutti ${name}'. ${suggest(name, known)} 'tutti help' lists all.`,
  CLI_FLAG: (command: string, flag: string, known: Iterable<string>) =>
    `'tutti ${command}' has no option '${flag}'. ${suggest(flag, known)}`,
  CLI_VALUE: (flag: string, got: string | undefined, want: string) =>
    got === undefined ? `${flag} needs a value: ${want}.` : `${flag} cannot be '${got}': it must be ${want}.`,
  CLI_MISSING: (command: string, what: string, usage: string) => `'tutti ${command}' needs ${what}. Usage: ${usage}`,
  CLI_EXTRA: (command: string, extra: string, usage: string) =>
    `'tutti ${command}' does not know what to do with '${extra}'. Usage: ${usage}`,
} as const
