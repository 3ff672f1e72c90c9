/** Options that several commands share, and what they mean. */
import { fail, failBecause, TuttiError } from '../core/errors.ts'
import { openStore, type Store } from '../store/index.ts'
import { type CvSpec, readCv } from '../train/index.ts'
import type { Option } from './command.ts'
import type { Context } from './context.ts'
import { bytesIn } from './size.ts'

export const storeOption = {
  type: 'text',
  value: 'DIR',
  summary: 'Folder of the store (default .tutti; also TUTTI_STORE)',
} as const satisfies Option
export const jsonOption = { type: 'flag', summary: 'Print JSON' } as const satisfies Option
/** Of one operator. No machine has more, and the runtime makes all that it is told to. */
export const mostThreads = 1024
export const threadsOption = {
  type: 'whole',
  value: 'N',
  most: mostThreads,
  summary: 'Threads of one operator (default 1)',
} as const satisfies Option
export const dataDirOption = {
  type: 'text',
  value: 'DIR',
  summary: 'Folder of data sets to look in first (also TUTTI_DATA)',
} as const satisfies Option

const defaultStore = '.tutti'
export function storePath(option: string | undefined, { host }: Context): string {
  return option ?? host.environment.TUTTI_STORE ?? defaultStore
}

/** The store for looking: also where it cannot be written, or another process writes. */
export function readStore(option: string | undefined, context: Context): Promise<Store> {
  return openStore({ path: storePath(option, context), clock: context.clock, readOnly: true })
}

/** What must be said of the store in commands that are suggested: nothing where it is the usual one. */
export function storeFlag(location: string, { host }: Context): string {
  return location === (host.environment.TUTTI_STORE ?? defaultStore) ? '' : ` --store ${quoted(location)}`
}

/** ' --data-dir DIR' where it was typed: a next command looks where this one did. What the configuration says it says again. */
export function dataDirFlag(typed: string | undefined): string {
  return typed === undefined ? '' : ` --data-dir ${quoted(typed)}`
}

/** A word for a shell. */
export function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Bytes of '2GiB', '500 MB', '1048576'. @throws CLI_VALUE */
export function sizeOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = bytesIn(text)
  if (bytes === undefined) throw fail('CLI_VALUE', flag, text, 'a size, such as 2GiB or 500MB')
  return bytes
}

/** The entries that have a value. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

/** @throws CLI_VALUE */
export function cvOf(text: string): CvSpec {
  try {
    return readCv(text)
  } catch (error) {
    const why = error instanceof TuttiError ? `. ${error.message.replace(/[.?]$/, '')}` : ''
    throw failBecause(error, 'CLI_VALUE', '--cv', text, `a number of folds, a splitter or its JSON${why}`)
  }
}
