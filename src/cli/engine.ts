/** Where trials run: the options of every command that has workers, and what they mean. */
import { fail } from '../core/errors.ts'
import type { Spec } from '../core/registry.ts'
import { flagOf, type Input, type Option } from './command.ts'
import type { Configuration } from './config.ts'
import { given, quoted, sizeOf } from './settings.ts'

export const engineOptions = {
  workers: {
    type: 'text',
    value: 'W',
    summary: 'Trials at a time (default: as many as processors); of a cluster auto: as many as there is room for',
  },
  engine: { type: 'text', value: 'E', summary: 'Where they run: processes (default), threads, inline, or ray' },
  rayAddress: { type: 'text', value: 'URL', summary: "Of Ray's dashboard, such as http://head:8265 (also RAY_API_SERVER_ADDRESS)" },
  rayTokenFile: { type: 'text', value: 'FILE', summary: "Holds Ray's token, where it wants one (also RAY_AUTH_TOKEN)" },
  cpusPerWorker: { type: 'text', value: 'C', summary: 'Processors that a worker takes of its node (default: as --threads, else 1)' },
  memoryPerWorker: { type: 'text', value: 'SIZE', summary: 'Memory that it takes, such as 2GiB' },
  resources: { type: 'text', value: 'JSON', summary: 'What else it takes: \'{"GPU":1}\'' },
  driverAddress: { type: 'text', value: 'HOST:PORT', summary: 'Where nodes reach this machine (default: as it reached Ray)' },
  tls: { type: 'flag', summary: 'Encrypt what travels between nodes and this machine' },
} as const satisfies Readonly<Record<string, Option>>

type EngineInput = Input<typeof engineOptions>['options']

/** Names of the options that only the engine ray has. */
const onlyRay = ['rayAddress', 'rayTokenFile', 'cpusPerWorker', 'memoryPerWorker', 'resources', 'driverAddress'] as const

/** What was asked for of engine and workers, as a job has it. */
export interface ChosenEngine {
  readonly engine?: string | Spec
  readonly workers?: number | 'auto'
}

/**
 * Takes the options of the engine from all others. What is said on the command line counts more than what the configuration says,
 * key by key.
 *
 * @throws CLI_VALUE
 */
export function takeEngine<O extends EngineInput & { readonly threads: number | undefined }>(
  options: O,
  config: Configuration = {},
): { readonly chosen: ChosenEngine; readonly rest: Omit<O, keyof EngineInput> } {
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(engineOptions, name)))
  return { chosen: engineOf(options, config, options.threads ?? config.threads), rest: rest as Omit<O, keyof EngineInput> }
}

/**
 * An engine that was given, or options of it, as a next command needs them: ' --engine ray --ray-address http://head:8265'. What the
 * configuration says it will say again.
 */
export function engineText(options: EngineInput): string {
  if (!options.tls && ['engine' as const, ...onlyRay].every((name) => options[name] === undefined)) return ''
  const words = Object.keys(engineOptions).flatMap((name) => {
    const value = options[name as keyof EngineInput]
    return value === undefined || value === false ? [] : value === true ? [flagOf(name)] : [flagOf(name), quoted(value)]
  })
  return words.map((word) => ` ${word}`).join('')
}

function engineOf(options: EngineInput, config: Configuration, threads: number | undefined): ChosenEngine {
  const kind = options.engine ?? config.engine
  const workers = workersOf(options.workers) ?? config.workers
  if (kind !== 'ray') {
    for (const name of onlyRay)
      if (options[name] !== undefined) throw fail('CLI_VALUE', flagOf(name), options[name], 'left out, or given with --engine ray')
    if (options.tls) throw fail('CLI_VALUE', '--tls', undefined, 'left out, or given with --engine ray')
    return given({ engine: kind, workers })
  }
  const { rayAddress, rayTokenFile, cpusPerWorker, memoryPerWorker, resources, driverAddress, tls } = options
  const engine: Spec = {
    kind: 'ray',
    ...given({ cpusPerWorker: threads }),
    ...config.ray,
    ...given({
      ...{ address: rayAddress, tokenFile: rayTokenFile, driverAddress, ...(tls && { tls }) },
      cpusPerWorker: cpusPerWorker === undefined ? undefined : amountOf('--cpus-per-worker', cpusPerWorker),
      memoryPerWorker: sizeOf('--memory-per-worker', memoryPerWorker),
      resources: resourcesOf(resources),
    }),
  }
  return { engine, ...given({ workers }) }
}

function workersOf(text: string | undefined): number | 'auto' | undefined {
  if (text === undefined || text === 'auto') return text
  const number = /^\d+$/.test(text) ? Number(text) : 0
  if (!Number.isSafeInteger(number) || number < 1) throw fail('CLI_VALUE', '--workers', text, "a whole number, at least 1, or 'auto'")
  return number
}

function amountOf(flag: string, text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= 0)) throw fail('CLI_VALUE', flag, text, 'a number, such as 2 or 0.5')
  return number
}

function resourcesOf(text: string | undefined): Record<string, number> | undefined {
  if (text === undefined) return undefined
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    read = undefined
  }
  const valid = typeof read === 'object' && read !== null && Object.values(read).every((amount) => typeof amount === 'number')
  if (!valid || Array.isArray(read)) throw fail('CLI_VALUE', '--resources', text, 'JSON of names and amounts, such as {"GPU":1}')
  return read as Record<string, number>
}
