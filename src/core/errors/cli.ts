import { suggest } from '../suggest.ts'

/** Errors of the command line itself, and of the configuration that it reads; they end with exit code 2. */
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
  CONFIG_FILE_LOAD: (why: string) => `The configuration cannot be loaded. ${why}`,
  CONFIG_FILE_EXPORT: (file: string, problem: string) =>
    `${file} ${problem}. A configuration ends in its options: export default defineConfig({ engine: 'ray', workers: 3 }).`,
  CONFIG_FILE_KEY: (file: string, key: string, name: string, known: Iterable<string>) =>
    `${file} has the key '${key}', which is not known. ${suggest(name, known)}`,
  CONFIG_FILE_VALUE: (file: string, key: string, got: string, want: string) => `${file}: '${key}' is ${got} and must be ${want}.`,
} as const
