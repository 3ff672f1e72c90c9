/** The contract of a command: its options are data, from which it is parsed, checked and explained. */
import { parseArgs } from 'node:util'
import { fail } from '../core/errors.ts'
import type { Context } from './context.ts'

export interface Command<O extends Options = Options> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Its forms, without the program's name: 'train FILE [options]'. */
  readonly usage: readonly string[]
  readonly options: O
  /** Names of what stands without a flag; one that ends in '?' may be left out, in '...' may come more than once. */
  readonly positionals: readonly string[]
  /** More for its help. */
  readonly details?: string
  /** The exit code; see docs/reference/cli.md. */
  run(input: Input<O>, context: Context): Promise<number>
}

export interface Option {
  /** 'settings' is key=value, again and again. */
  readonly type: 'flag' | 'text' | 'whole' | 'settings'
  /** How help calls the value: 'DIR'. */
  readonly value?: string
  readonly summary: string
  readonly required?: boolean
  /** Least whole number; default 1. */
  readonly least?: number
  /** Greatest whole number; default any. */
  readonly most?: number
}

export type Options = Readonly<Record<string, Option>>

interface Types {
  flag: boolean
  text: string | undefined
  whole: number | undefined
  settings: Readonly<Record<string, string>>
}

export interface Input<O extends Options = Options> {
  readonly options: { readonly [K in keyof O]: Types[O[K]['type']] }
  readonly positionals: readonly string[]
}

/** What every command understands. */
export const common = {
  help: { type: 'flag', summary: 'Explain this command' },
  debug: { type: 'flag', summary: 'Show stacks of errors (also TUTTI_DEBUG=1)' },
} satisfies Options

/** Ties the options of a command to the types of its input. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition as unknown as Command
}

/** 'dataDir' to '--data-dir'. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** @throws CLI_FLAG, CLI_VALUE, CLI_MISSING, CLI_EXTRA */
export function parse(command: Command, args: readonly string[]): Input {
  const options: Options = { ...command.options, ...common }
  const byFlag = new Map(Object.keys(options).map((name) => [flagOf(name).slice(2), name]))
  const config = Object.fromEntries(
    [...byFlag].map(([flag, name]) => [flag, { type: options[name]?.type === 'flag' ? ('boolean' as const) : ('string' as const) }]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...config, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const values: Record<string, unknown> = {}
  for (const [name, { type }] of Object.entries(options)) values[name] = type === 'flag' ? false : type === 'settings' ? {} : undefined
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const name = byFlag.get(token.name)
    if (name === undefined)
      throw fail(
        'CLI_FLAG',
        command.name,
        token.rawName,
        [...byFlag.keys()].map((flag) => `--${flag}`),
      )
    values[name] = readValue(token.rawName, options[name] as Option, token.value, values[name])
  }
  if (!values.help) checkComplete(command, positionals, values)
  return { options: values as Input['options'], positionals }
}

function readValue(
  flag: string,
  { type, value: what = 'VALUE', least = 1, most = Number.MAX_SAFE_INTEGER }: Option,
  text: string | undefined,
  before: unknown,
): unknown {
  switch (type) {
    case 'flag':
      if (text !== undefined) throw fail('CLI_VALUE', flag, text, 'given without a value')
      return true
    case 'text':
      // The option's name came next: its value was forgotten.
      if (text === undefined || text === '' || text.startsWith('--')) throw fail('CLI_VALUE', flag, text || undefined, what)
      return text
    case 'whole': {
      const want = most < Number.MAX_SAFE_INTEGER ? `a whole number from ${least} to ${most}` : `a whole number, at least ${least}`
      const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
      if (!Number.isSafeInteger(number) || number < least || number > most) throw fail('CLI_VALUE', flag, text, want)
      return number
    }
    case 'settings': {
      const at = text?.indexOf('=') ?? -1
      if (text === undefined || at < 1) throw fail('CLI_VALUE', flag, text, 'key=value, such as epochs=3')
      return { ...(before as object), [text.slice(0, at)]: text.slice(at + 1) }
    }
    default:
      return type satisfies never
  }
}

function checkComplete(
  { name, options, positionals: wanted, usage }: Command,
  given: readonly string[],
  values: Record<string, unknown>,
): void {
  const first = `tutti ${usage[0]}`
  const missing = wanted.find((what, i) => !what.includes('?') && given[i] === undefined)
  const forgotten = Object.keys(options).find((option) => options[option]?.required && values[option] === undefined)
  const what = missing?.replace('...', '') ?? (forgotten && `${flagOf(forgotten)} ${options[forgotten]?.value ?? ''}`.trim())
  if (what !== undefined) throw fail('CLI_MISSING', name, what, first)
  const most = wanted.at(-1)?.includes('...') ? Number.POSITIVE_INFINITY : wanted.length
  if (given.length > most) throw fail('CLI_EXTRA', name, given[most] as string, first)
}
