/** `tutti.config.ts`: options of commands that are the same every time, beside the training files they are for. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import * as v from 'valibot'
import { type EngineSpec, engines, type RayOptions } from '../cluster/index.ts'
import { fail, failBecause, messageOf } from '../core/errors.ts'
import { loadModule } from '../run/index.ts'
import { mostThreads } from './settings.ts'
import { bytesIn } from './size.ts'

/** What a configuration may say. Paths in it are relative to its own folder. */
export interface TuttiConfig {
  /** Where trials run: 'processes' (default), 'threads', 'inline', 'ray'. */
  readonly engine?: EngineSpec['kind']
  /** Trials at a time; 'auto' for as many as there is room for. */
  readonly workers?: number | 'auto'
  /** What the engine 'ray' is told; of no effect under another. */
  readonly ray?: RayConfig
  /** Folder of the store. */
  readonly store?: string
  /** Folder of data sets to look in first. */
  readonly dataDir?: string
  /** Threads of one operator. */
  readonly threads?: number
}

/** Options of the engine 'ray'; memory also in words, such as '2GiB'. */
export interface RayConfig extends Omit<RayOptions, 'memoryPerWorker'> {
  readonly memoryPerWorker?: number | string
}

/**
 * Gives back what it is given: it is there so that an editor knows the keys, and a wrong one does not compile.
 *
 * @example
 * ```ts
 * // tutti.config.ts
 * import { defineConfig } from 'tutti'
 *
 * export default defineConfig({
 *   engine: 'ray',
 *   workers: 3,
 *   ray: { address: 'http://head:8265', cpusPerWorker: 2, memoryPerWorker: '2GiB' },
 * })
 * ```
 */
export function defineConfig(config: TuttiConfig): TuttiConfig {
  return config
}

/** A configuration as commands take it: paths are right from the current folder, memory is bytes. */
export interface Configuration extends Omit<TuttiConfig, 'ray'> {
  readonly ray?: RayOptions
}

/**
 * The configuration of a training file: `tutti.config.ts` (or .js, .mjs) in its folder, or else the nearest above it, up to the home
 * folder. Without a file, that of the current folder. Empty where there is none.
 *
 * @throws CONFIG_FILE_LOAD, CONFIG_FILE_EXPORT, CONFIG_FILE_KEY, CONFIG_FILE_VALUE
 */
export async function readConfig(trainingFile?: string): Promise<Configuration> {
  const path = findConfig(trainingFile === undefined ? process.cwd() : dirname(resolve(trainingFile)))
  if (path === undefined) return {}
  const name = near(path)
  const module = await loadModule(path).catch((error) => {
    throw failBecause(error, 'CONFIG_FILE_LOAD', messageOf(error))
  })
  if (!Object.hasOwn(module, 'default')) throw fail('CONFIG_FILE_EXPORT', name, 'has no default export')
  return checked(module.default, path, name)
}

/** Options of a command with what the configuration says of those that were not given. */
export function withConfig<
  O extends { readonly [K in 'store' | 'dataDir']: string | undefined } & { readonly threads: number | undefined },
>(options: O, { store, dataDir, threads }: Configuration): O {
  return { ...options, store: options.store ?? store, dataDir: options.dataDir ?? dataDir, threads: options.threads ?? threads }
}

const names = ['tutti.config.ts', 'tutti.config.js', 'tutti.config.mjs']

function findConfig(from: string): string | undefined {
  const home = homedir()
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
    if (found !== undefined || folder === home || folder === dirname(folder)) return found
  }
}

const text = v.pipe(v.string(), v.nonEmpty())
const count = v.pipe(v.number(), v.integer(), v.minValue(1))
const amount = v.pipe(v.number(), v.finite(), v.minValue(0))

const rayEntries = {
  address: text,
  tokenFile: text,
  cpusPerWorker: amount,
  memoryPerWorker: v.union([
    v.pipe(v.number(), v.finite(), v.minValue(1)),
    v.pipe(
      v.string(),
      v.check((size) => bytesIn(size) !== undefined),
    ),
  ]),
  resources: v.record(v.string(), amount),
  driverAddress: text,
  tls: v.boolean(),
  ...{ node: text, python: text, platform: text },
  patience: amount,
} satisfies Record<keyof RayConfig, v.GenericSchema>

const entries = {
  engine: v.picklist(Object.keys(engines) as [string, ...string[]]),
  workers: v.union([count, v.literal('auto')]),
  ray: optional(rayEntries),
  store: text,
  dataDir: text,
  threads: v.pipe(count, v.maxValue(mostThreads)),
} satisfies Record<keyof TuttiConfig, v.GenericSchema>

const schema = optional(entries)

/** What is wanted of each key, in words that follow "must be". */
const wanted: Readonly<Record<string, string>> = {
  engine: `one of ${Object.keys(engines).join(', ')}`,
  workers: "a whole number of at least 1, or 'auto'",
  ray: "an object of options, such as { address: 'http://head:8265' }",
  threads: `a whole number from 1 to ${mostThreads}`,
  cpusPerWorker: 'a number of at least 0',
  memoryPerWorker: "a number of bytes, or a size such as '2GiB'",
  resources: 'names with amounts, such as { GPU: 1 }',
  tls: 'true or false',
  patience: 'a number of seconds',
}

function checked(given: unknown, path: string, name: string): Configuration {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fail('CONFIG_FILE_EXPORT', name, 'has a default export that is no object')
  const read = v.safeParse(schema, given)
  if (!read.success) throw mistake(read.issues[0], name)
  const { ray, store, dataDir, ...rest } = read.output as TuttiConfig
  const here = (said: string) => near(resolve(dirname(path), said))
  return {
    ...rest,
    ...(store !== undefined && { store: here(store) }),
    ...(dataDir !== undefined && { dataDir: here(dataDir) }),
    ...(ray && { ray: rayOf(ray, here) }),
  }
}

function rayOf({ memoryPerWorker: memory, tokenFile, ...rest }: RayConfig, here: (path: string) => string): RayOptions {
  return {
    ...rest,
    ...(memory !== undefined && { memoryPerWorker: typeof memory === 'string' ? (bytesIn(memory) as number) : memory }),
    ...(tokenFile !== undefined && { tokenFile: here(tokenFile) }),
  }
}

function mistake(issue: v.BaseIssue<unknown>, file: string): Error {
  const keys = (issue.path ?? []).map(({ key }) => String(key))
  const key = keys.at(-1) ?? ''
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const inRay = keys.length > 1
    return fail('CONFIG_FILE_KEY', file, keys.join('.'), key, Object.keys(inRay ? rayEntries : entries))
  }
  const want = wanted[keys.includes('resources') ? 'resources' : key] ?? 'a text'
  return fail('CONFIG_FILE_VALUE', file, keys.join('.'), shown((issue.path?.at(-1) as { value?: unknown } | undefined)?.value), want)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Keys that are undefined are left out, so that a configuration may choose: `workers: process.env.CI ? 2 : undefined`. */
function optional<E extends Record<string, v.GenericSchema>>(of: E) {
  const all = Object.fromEntries(Object.entries(of).map(([key, schema]) => [key, v.optional(schema)]))
  return v.pipe(
    v.strictObject(all),
    v.transform((read) => Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))),
  )
}

/** Relative to the current folder, where it is below that. */
function near(path: string): string {
  const short = relative('.', path)
  return short === '' || short.startsWith('..') ? path : short
}
